// Jobs as they change, for those who wait for them: what the store says first, then what is announced. What ended
// without anybody saying so is found by asking the store again, now and then.

import type { Job, JobStore } from '../stores/store.ts'
import { AndonError } from '../core/errors.ts'

const ended = new Set<Job['state']>(['done', 'failed', 'cancelled', 'dead'])

/** Jobs that are asked for at once when nothing was heard for a while: the oldest, which end first. */
const askedAtOnce = 64

/** Unfinished jobs of each state that are told at first. */
const mostTold = 1_000

/** Spreads the news of jobs within this process. */
export class JobNews {
  readonly #listeners = new Set<(job: Job) => void>()
  readonly #silenceMs: number

  /** After `silenceMs` (default 5,000) without news of any job it waits for, a watcher asks the store. */
  constructor(silenceMs = 5_000) {
    this.#silenceMs = silenceMs
  }

  announce(job: Job): void {
    for (const listener of this.#listeners) listener(job)
  }

  /** Announces a job as the store has it, when anybody listens; without it, watchers find out when they ask. */
  async tell(store: JobStore, tenant: string, id: string): Promise<void> {
    if (this.#listeners.size === 0) return
    const job = await store.get(tenant, id).catch(() => undefined)
    if (job) this.announce(job)
  }

  /**
   * The changes of these jobs until each has ended, the latest state of each for a reader that is slower than they come.
   * A job that had ended before is told once; one that is gone, with its document, ends as cancelled.
   */
  async *watch(store: JobStore, tenant: string, ids: readonly string[], signal?: AbortSignal): AsyncGenerator<Job> {
    const open = new Map<string, Job | undefined>(ids.map((id) => [id, undefined]))
    const news = new Map<string, Job>()
    let wake = Promise.withResolvers<void>()
    const listener = (job: Job): void => {
      if (!open.has(job.id) || job.tenant !== tenant) return
      news.set(job.id, job)
      wake.resolve()
    }
    const stop = (): void => wake.resolve()
    this.#listeners.add(listener)
    signal?.addEventListener('abort', stop)
    try {
      for (const id of open.keys()) {
        const job = await store.get(tenant, id)
        if (!job) throw new AndonError('not-found', `There is no job ${id}`)
        open.set(id, job)
        // What was announced while the store was asked is at least as new.
        if (ended.has(job.state)) news.set(id, job)
        else if (!news.has(id)) yield job
      }
      while (open.size > 0) {
        signal?.throwIfAborted()
        for (const [id, job] of news) {
          news.delete(id)
          if (!open.has(id)) continue
          if (ended.has(job.state)) open.delete(id)
          else open.set(id, job)
          yield job
        }
        if (open.size === 0) return
        wake = Promise.withResolvers()
        if (news.size > 0 || signal?.aborted) continue
        const silence = setTimeout(wake.resolve, this.#silenceMs)
        await wake.promise
        clearTimeout(silence)
        if (news.size === 0 && !signal?.aborted) await this.#ask(store, tenant, open, listener)
      }
    } finally {
      this.#listeners.delete(listener)
      signal?.removeEventListener('abort', stop)
    }
  }

  /**
   * The jobs of a tenant that have not ended, the oldest first, and then all changes and new jobs until the signal
   * aborts; the latest state of each for a reader that is slower than they come. A job that was added without a word is
   * found when the store is asked.
   */
  async *watchAll(store: JobStore, tenant: string, signal?: AbortSignal): AsyncGenerator<Job> {
    const open = new Map<string, Job>()
    const news = new Map<string, Job>()
    let wake = Promise.withResolvers<void>()
    const listener = (job: Job): void => {
      if (job.tenant !== tenant) return
      news.set(job.id, job)
      wake.resolve()
    }
    const stop = (): void => wake.resolve()
    this.#listeners.add(listener)
    signal?.addEventListener('abort', stop)
    try {
      for (const job of await unfinished(store, tenant)) if (!news.has(job.id)) news.set(job.id, job)
      for (;;) {
        for (const [id, job] of news) {
          signal?.throwIfAborted()
          news.delete(id)
          if (ended.has(job.state)) open.delete(id)
          else open.set(id, job)
          yield job
        }
        signal?.throwIfAborted()
        wake = Promise.withResolvers()
        if (news.size > 0 || signal?.aborted) continue
        const silence = setTimeout(wake.resolve, this.#silenceMs)
        await wake.promise
        clearTimeout(silence)
        if (news.size > 0 || signal?.aborted) continue
        for (const job of await unfinished(store, tenant))
          if (!news.has(job.id) && changed(open.get(job.id), job)) news.set(job.id, job)
        await this.#ask(store, tenant, open, listener)
      }
    } finally {
      this.#listeners.delete(listener)
      signal?.removeEventListener('abort', stop)
    }
  }

  async #ask(
    store: JobStore,
    tenant: string,
    open: ReadonlyMap<string, Job | undefined>,
    heard: (job: Job) => void,
  ): Promise<void> {
    for (const [id, known] of [...open].slice(0, askedAtOnce)) {
      const job = await store.get(tenant, id)
      if (job && ended.has(job.state)) heard(job)
      if (!job && known) heard({ ...known, state: 'cancelled', endedAt: Date.now() })
    }
  }
}

/** Oldest first, as they will end. */
async function unfinished(store: JobStore, tenant: string): Promise<Job[]> {
  const [running, waiting] = await Promise.all(
    (['running', 'waiting'] as const).map((state) => store.list(tenant, { state, limit: mostTold })),
  )
  return [...(running ?? []).toReversed(), ...(waiting ?? []).toReversed()]
}

function changed(known: Job | undefined, job: Job): boolean {
  return (
    known === undefined || known.state !== job.state || known.stage !== job.stage || known.attempts !== job.attempts
  )
}
