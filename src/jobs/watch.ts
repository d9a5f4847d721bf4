// Jobs as they change, for those who wait for them: what the store says first, then what the worker announces.

import type { Job, JobStore } from '../stores/store.ts'
import { AndonError } from '../core/errors.ts'

const ended = new Set<Job['state']>(['done', 'failed', 'cancelled', 'dead'])

/** Spreads the news of jobs within this process. */
export class JobNews {
  readonly #listeners = new Set<(job: Job) => void>()

  announce(job: Job): void {
    for (const listener of this.#listeners) listener(job)
  }

  /** Every change of these jobs until each has ended. A job that had ended before is told once. */
  async *watch(store: JobStore, tenant: string, ids: readonly string[], signal?: AbortSignal): AsyncGenerator<Job> {
    const open = new Set(ids)
    const news: Job[] = []
    let wake = Promise.withResolvers<void>()
    const listener = (job: Job) => {
      if (!open.has(job.id) || job.tenant !== tenant) return
      news.push(job)
      wake.resolve()
    }
    const stop = () => wake.resolve()
    this.#listeners.add(listener)
    signal?.addEventListener('abort', stop)
    try {
      for (const id of ids) {
        const job = await store.get(tenant, id)
        if (!job) throw new AndonError('not-found', `There is no job ${id}`)
        if (ended.has(job.state)) news.push(job)
        else if (!news.some(({ id: known }) => known === id)) yield job
      }
      while (open.size > 0) {
        signal?.throwIfAborted()
        for (let job = news.shift(); job; job = news.shift()) {
          if (!open.has(job.id)) continue
          if (ended.has(job.state)) open.delete(job.id)
          yield job
        }
        if (open.size === 0) return
        wake = Promise.withResolvers()
        if (news.length === 0 && !signal?.aborted) await wake.promise
      }
    } finally {
      this.#listeners.delete(listener)
      signal?.removeEventListener('abort', stop)
    }
  }
}
