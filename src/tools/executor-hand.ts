// The calls that a worker has in hand, and whether there is room for another beside them.

import type { Job } from './executor-job.ts'

/** Calls that may be with a worker. */
const mostInFlight = 128

/** Calls behind connections that may be with a worker. */
const mostRemote = 1_024

/** Milliseconds of work that are sent ahead. */
const aheadMs = 10

export class Hand {
  /** By their numbers, which rise. */
  jobs = new Map<number, Job>()
  readonly #single: boolean
  #lastNumber = 0
  #costMs = 0
  #reserved = false

  /** `single`: one call at a time. */
  constructor(single: boolean) {
    this.#single = single
  }

  get size(): number {
    return this.jobs.size
  }

  hasRoomFor(job: Job): boolean {
    if (this.#reserved) return false
    const count = this.jobs.size
    if (count === 0) return true
    if (this.#single) return false
    if (job.remote) return count < mostRemote
    return !job.alone && count < mostInFlight && this.#costMs + job.profile.heldMs <= aheadMs
  }

  /** Takes a call in, and gives it its number. */
  take(job: Job): void {
    job.number = ++this.#lastNumber
    job.costMs = job.remote ? 0 : job.profile.heldMs
    this.jobs.set(job.number, job)
    this.#costMs += job.costMs
    if (job.alone) this.#reserved = true
  }

  /** Whether it was in this hand, and is not any more. */
  drop(job: Job): boolean {
    if (!this.jobs.delete(job.number)) return false
    this.#costMs = this.jobs.size === 0 ? 0 : this.#costMs - job.costMs
    if (this.jobs.size === 0) {
      this.#reserved = false
      // A map that lives on keeps its former tables, and so all that was in flight, until a whole collection.
      this.jobs = new Map()
    }
    return true
  }
}
