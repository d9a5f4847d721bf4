// A deadline: a moment by which something must have ended, handed down to parts that may have less.

import { AndonError } from '../core/errors.ts'
import { atDeadline } from '../core/deadlines.ts'
import { AbortFan, abortReason, type Leaver } from './abort-fan.ts'
import { wrong } from './waiters.ts'

/**
 * A moment on the monotonic clock, with a signal. `using deadline = Deadline.after(2_000, { signal })`.
 *
 * Promises: a part never has more time than the whole; the signal aborts with `deadline` at most max(4 ms, 1/256 of
 * its time) late, or as soon as the caller's signal does, with that one's reason; timers exist only once somebody has
 * looked at the signal, and keep no program alive.
 * Does not promise: to interrupt work that does not listen.
 * Disposing it: frees timer and listener; the signal then aborts no more.
 */
export class Deadline implements Disposable {
  /** Monotonic milliseconds (`performance.now()`); Infinity when there is none. */
  readonly at: number
  readonly #caller: AbortSignal | undefined
  readonly #budgetMs: number
  #controller: AbortController | undefined
  #fan: AbortFan | undefined
  #stop: (() => void) | undefined
  readonly #leaver: Leaver = {
    leave: (reason) => {
      this.#abort(reason)
      return undefined
    },
  }

  private constructor(at: number, budgetMs: number, caller: AbortSignal | undefined) {
    this.at = at
    this.#budgetMs = budgetMs
    this.#caller = caller
  }

  /** So many milliseconds from now. Infinity is no deadline, only the caller's signal. */
  static after(ms: number, options: { signal?: AbortSignal } = {}): Deadline {
    if (!(ms >= 0)) throw wrong('The time of a deadline', ms, 'a number of milliseconds from 0 up')
    return new Deadline(performance.now() + ms, ms, options.signal)
  }

  /** Milliseconds that are left; 0 when it has passed. */
  get leftMs(): number {
    return Math.max(0, this.at - performance.now())
  }

  get passed(): boolean {
    return this.at <= performance.now()
  }

  /** Why it is over: the time, or the caller's signal. Undefined while it is not. */
  get over(): AndonError | undefined {
    if (this.#controller?.signal.aborted) return abortReason(this.#controller.signal)
    if (this.#caller?.aborted) return abortReason(this.#caller)
    return this.passed ? this.#late() : undefined
  }

  /** Aborts when it is over. */
  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal
    this.#controller = new AbortController()
    const { over } = this
    if (over) this.#controller.abort(over)
    else {
      if (this.#caller) this.#fan = AbortFan.join(this.#caller, this.#leaver)
      if (this.at !== Infinity) this.#stop = atDeadline(this.at, () => this.#abort(this.#late()))
    }
    return this.#controller.signal
  }

  throwIfOver(): void {
    const { over } = this
    if (over) throw over
  }

  /** A part of it: at most so many milliseconds, or this share (0 to 1) of what is left, and over when this one is. */
  part(time: { ms: number } | { share: number }): Deadline {
    const ms = 'ms' in time ? time.ms : this.leftMs * time.share
    if (!(ms >= 0)) throw wrong('The part of a deadline', 'ms' in time ? time.ms : time.share, 'a number from 0 up')
    const at = Math.min(this.at, performance.now() + ms)
    return new Deadline(at, Math.min(ms, this.leftMs), this.signal)
  }

  [Symbol.dispose](): void {
    this.#fan?.part(this.#leaver)
    this.#stop?.()
    this.#fan = this.#stop = undefined
    // Who looks now for the first time hears of nothing any more.
    this.#controller ??= new AbortController()
  }

  #abort(reason: AndonError): void {
    this[Symbol.dispose]()
    this.#controller?.abort(reason)
  }

  #late(): AndonError {
    return new AndonError('deadline', `The time of ${Math.round(this.#budgetMs)} ms ran out: give it more`)
  }
}
