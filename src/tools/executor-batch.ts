// A batch of calls: one result for each, in order, as they come to whoever listens; its deadline and its signal.

import { announceTrouble } from '../core/channels.ts'
import type { Job } from './executor-job.ts'
import type { ExecuteOptions, ToolResult } from './tool.ts'

export class Batch {
  readonly results: Promise<ToolResult[]>
  readonly options: ExecuteOptions
  /** When its time is over, on the clock of `performance.now`. */
  deadlineAt: number | undefined
  readonly #results: ToolResult[]
  readonly #begin: (index: number) => void
  readonly #stop: (job: Job, why: 'timeout' | 'cancelled') => void
  readonly #jobs = new Map<Job, number>()
  readonly #done = Promise.withResolvers<ToolResult[]>()
  #left: number
  #next = 0
  #running = 0
  #beginning = false
  #over: 'timeout' | 'cancelled' | undefined
  #timer: NodeJS.Timeout | undefined

  /** `begin` starts the call at an index; `stop` ends a job that nobody waits for. */
  constructor(
    size: number,
    options: ExecuteOptions,
    parts: { begin: (index: number) => void; stop: (job: Job, why: 'timeout' | 'cancelled') => void },
  ) {
    this.options = options
    this.#left = size
    this.#results = Array.from({ length: size })
    this.#begin = parts.begin
    this.#stop = parts.stop
    this.results = this.#done.promise
  }

  /** Why no more calls of it begin. */
  get over(): 'timeout' | 'cancelled' | undefined {
    return this.#over
  }

  start(): void {
    const { signal, deadlineMs } = this.options
    if (this.#left === 0) return this.#done.resolve([])
    if (signal?.aborted) this.#over = 'cancelled'
    else {
      signal?.addEventListener('abort', this.#onAbort, { once: true })
      if (deadlineMs !== undefined) {
        this.deadlineAt = performance.now() + deadlineMs
        this.#timer = setTimeout(() => this.#end('timeout'), deadlineMs)
      }
    }
    this.#beginMore()
  }

  /** A call of it is in somebody's hands. */
  add(job: Job, index: number): void {
    this.#jobs.set(job, index)
  }

  settle(index: number, result: ToolResult, job?: Job): void {
    if (this.#results[index]) return
    this.#results[index] = result
    if (job) this.#jobs.delete(job)
    this.#left--
    this.#running--
    this.#tell(result)
    if (this.#left === 0) {
      clearTimeout(this.#timer)
      this.options.signal?.removeEventListener('abort', this.#onAbort)
      this.#done.resolve(this.#results)
    } else if (this.options.concurrency !== undefined) this.#beginMore()
  }

  indexOf(job: Job): number | undefined {
    return this.#jobs.get(job)
  }

  /** Whoever listens may fail; the batch goes on. */
  #tell(result: ToolResult): void {
    try {
      this.options.onResult?.(result)
    } catch (reason) {
      announceTrouble('tools', reason)
    }
  }

  #beginMore(): void {
    // Calls that are refused at once come back here.
    if (this.#beginning) return
    this.#beginning = true
    const most = this.options.concurrency ?? Infinity
    const size = this.#results.length
    while (this.#next < size && this.#running < most) {
      this.#running++
      this.#begin(this.#next++)
    }
    this.#beginning = false
  }

  readonly #onAbort = (): void => this.#end('cancelled')

  #end(why: 'timeout' | 'cancelled'): void {
    if (this.#over || this.#left === 0) return
    this.#over = why
    for (const job of this.#jobs.keys()) this.#stop(job, why)
    this.#beginMore()
  }
}
