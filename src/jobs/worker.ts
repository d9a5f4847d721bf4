// The worker takes jobs from the store under a lease, keeps the lease alive while the work goes on, and writes down
// how it ended. The store is the truth; what is in memory here can die at any moment and the job is taken again.

import type { Call } from '../core/station.ts'
import { openCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { Job, JobKind, JobStore, Lease, Next } from '../stores/store.ts'

/** How one kind of job is done. Throwing fails the attempt; `disposition` says what follows. */
export type Handler = (lease: Lease, call: Call, report: Report) => Promise<void>

/** Tells how far a job is. Cheap to call often: the store hears of it twice a second at most. */
export type Report = (stage: string, done: number, total: number) => void

export interface WorkerOptions {
  store: JobStore
  /** Who holds the leases: unique per process. */
  name: string
  handlers: Partial<Record<JobKind, Handler>>
  /** Jobs at once. */
  concurrency: number
  /** A lease nobody renews is taken again after this long. Default 30 seconds. */
  leaseMs?: number
  /** Hears of every change of a job this worker has in hand, and of its end. */
  onChange?: (job: Job) => void
  /** Called when an attempt failed: whether and when to try again. */
  disposition: (error: AndonError, lease: Lease) => Next
}

const progressEveryMs = 500
/** How long to wait before asking a store again that failed: it may be full or restarting. */
const pauseAfterTroubleMs = 1_000

/** Runs jobs until it is disposed; disposal cancels what is under way and leaves it for the next worker. */
export class Worker implements AsyncDisposable {
  readonly #options: WorkerOptions & { leaseMs: number }
  readonly #stop = new AbortController()
  /** By job and fence: a job whose lease ran out may be taken again while its lost attempt still winds up. */
  readonly #running = new Map<string, { job: string; finished: Promise<void>; controller: AbortController }>()
  #wake = Promise.withResolvers<void>()
  readonly #loop: Promise<void>

  constructor(options: WorkerOptions) {
    this.#options = { ...options, leaseMs: options.leaseMs ?? 30_000 }
    this.#loop = this.#run()
  }

  /** Looks for work now: call it after something was enqueued. */
  wake(): void {
    this.#wake.resolve()
  }

  /** Stops a job that this worker has in hand, because its owner cancelled it. */
  interrupt(jobId: string): void {
    const reason = new AndonError('cancelled', `The job ${jobId} was cancelled by its owner`)
    for (const { job, controller } of this.#running.values()) if (job === jobId) controller.abort(reason)
  }

  get busy(): number {
    return this.#running.size
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const reason = new AndonError('cancelled', 'Andon is closing')
    this.#stop.abort(reason)
    this.wake()
    for (const { controller } of this.#running.values()) controller.abort(reason)
    await this.#loop
    await Promise.all(Array.from(this.#running.values(), ({ finished }) => finished))
  }

  async #run(): Promise<void> {
    const { store, name, leaseMs, concurrency, handlers } = this.#options
    const kinds = Object.keys(handlers) as JobKind[]
    while (!this.#stop.signal.aborted) {
      this.#wake = Promise.withResolvers()
      let wait: number | undefined
      try {
        const room = concurrency - this.#running.size
        const leases = room > 0 ? await store.claim({ worker: name, leaseMs, limit: room, kinds }) : []
        for (const lease of leases) this.#start(lease)
        if (leases.length === room && room > 0) continue
        const due = await store.nextDue()
        wait = due === undefined || this.#running.size >= concurrency ? undefined : Math.max(0, due - Date.now())
      } catch {
        wait = pauseAfterTroubleMs
      }
      await this.#sleep(wait)
    }
  }

  /** Until somebody wakes the worker, or the time has come. */
  async #sleep(ms: number | undefined): Promise<void> {
    const timer = ms === undefined ? undefined : setTimeout(() => this.wake(), Math.min(ms + 5, 60_000))
    await this.#wake.promise
    clearTimeout(timer)
  }

  #start(lease: Lease): void {
    const controller = new AbortController()
    if (this.#stop.signal.aborted) controller.abort(this.#stop.signal.reason)
    const { job, fence } = lease
    const key = `${job.id} ${fence}`
    const finished = this.#work(lease, controller).finally(() => {
      this.#running.delete(key)
      this.wake()
    })
    this.#running.set(key, { job: job.id, finished, controller })
  }

  async #work(lease: Lease, controller: AbortController): Promise<void> {
    const { store, leaseMs, handlers, onChange, disposition } = this.#options
    const { job, fence } = lease
    using call = openCall({ tenant: job.tenant, signal: controller.signal, id: job.id })
    const heartbeat = setInterval(() => {
      store.renew(job.id, fence, leaseMs).then(
        (held) => {
          if (!held) controller.abort(new AndonError('conflict', `The lease of job ${job.id} passed to another worker`))
        },
        () => {}, // a store in trouble: the lease runs out by itself if this lasts
      )
    }, leaseMs / 3)
    let written = 0
    const report: Report = (stage, done, total) => {
      const fresh = job.stage !== stage
      Object.assign(job, { stage, progress: { done, total } })
      onChange?.({ ...job })
      const now = performance.now()
      if (!fresh && now - written < progressEveryMs) return
      if (now - written < progressEveryMs / 5) return
      written = now
      store.progress(job.id, fence, stage, done, total).catch(() => {})
    }
    try {
      onChange?.({ ...job })
      const handler = handlers[job.kind]
      if (!handler) throw new AndonError('internal', `No handler does jobs of the kind ${job.kind}`)
      await handler(lease, call, report)
      await store.finish(job.id, fence)
      onChange?.({ ...job, state: 'done', stage: 'done', endedAt: Date.now() })
    } catch (reason) {
      await this.#failed(lease, AndonError.from(reason), controller, disposition)
    } finally {
      clearInterval(heartbeat)
    }
  }

  async #failed(
    lease: Lease,
    error: AndonError,
    controller: AbortController,
    disposition: WorkerOptions['disposition'],
  ): Promise<void> {
    const { store, onChange } = this.#options
    const { job, fence } = lease
    if (this.#stop.signal.aborted) {
      // Closing: hand the lease back at once, so that the next start does not wait for it to run out.
      await store
        .fail(job.id, fence, { code: 'cancelled', message: 'Andon was closed' }, { retryAt: Date.now() })
        .catch(() => {})
      return
    }
    if (!controller.signal.aborted) {
      try {
        const next = disposition(error, lease)
        onChange?.(await store.fail(job.id, fence, { code: error.code, message: error.sentence }, next))
        return
      } catch {
        // Either the job is in other hands, or the store cannot write now: then the lease runs out and the job is taken
        // again. Nothing is lost.
      }
    }
    const now = await store.get(job.tenant, job.id).catch(() => undefined)
    if (now) onChange?.(now)
  }
}
