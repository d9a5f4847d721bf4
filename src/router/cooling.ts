// Leaves an endpoint alone for as long as it asked (Retry-After), or for a while when it refuses everything; then one
// order goes there, and the others when its first content has come.

import { longestRestMs } from '../models/failure.ts'

const firstMs = 250
const mostMs = 10_000
/** Refusals in a row, without a word about when to come back, after which it is left alone. */
const refusals = 3

export class Cooling {
  #until = 0
  #refused = 0
  #rests = 0
  #careful = false
  #trying = false

  /** Monotonic milliseconds until which nothing is sent; 0 or past when something may be. */
  get until(): number {
    return this.#until
  }

  /** Whether an order may go there. */
  allows(now: number): boolean {
    return now >= this.#until && !(this.#careful && this.#trying)
  }

  /**
   * It said that it is busy. The later of two ends holds. `others` are those that it is still answering. True when it rests
   * for longer than was known.
   */
  busy(now: number, trying: boolean, others: number, retryAfterMs?: number): boolean {
    if (trying) this.#trying = false
    this.#refused++
    let ms = retryAfterMs
    // Whoever answers others is full, not closed: then fewer are sent, and there is no reason to stop.
    if (ms === undefined && (others === 0 || trying || this.#refused >= refusals * Math.max(1, others)))
      ms = Math.min(mostMs, firstMs * 2 ** this.#rests++)
    return ms !== undefined && this.rests(now, ms)
  }

  /** It is to be left alone for so many milliseconds. True when that is longer than was known. */
  rests(now: number, ms: number): boolean {
    const before = this.#until
    this.#until = Math.max(before, now + Math.min(longestRestMs, ms))
    this.#careful = true
    return this.#until > before
  }

  /** An order goes there. True when it is the one that tries after a rest; it is named again when it ends. */
  began(): boolean {
    if (!this.#careful || this.#trying) return false
    this.#trying = true
    return true
  }

  /** Content came of an order that began at this time. True when the others may go there again. */
  eased(beganAt: number, trying: boolean): boolean {
    if (trying) this.#trying = false
    this.#refused = 0
    if (!this.#careful || beganAt < this.#until) return false
    this.#careful = false
    this.#rests = 0
    return true
  }

  /** The order that tried ended without saying anything: the next may try. */
  released(trying: boolean): void {
    if (trying) this.#trying = false
  }
}
