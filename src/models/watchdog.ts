// One signal and one timer for one request to a model server: the caller's abort, the deadline and the limit of the
// step at hand all arrive as the same AbortSignal, and the first of them says why.

import { onOver } from '../core/call.ts'
import { longestTimerMs } from '../core/deadlines.ts'
import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'

/** Dispose it when the request is over, else it goes on listening to the call. */
export class Watchdog implements Disposable {
  readonly #controller = new AbortController()
  readonly #end: number
  #timer: NodeJS.Timeout | undefined
  #reason: AndonError | undefined
  readonly #stopListening: () => void
  /** W3C traceparent of the call, to be sent along. */
  readonly trace: string | undefined

  /** `budgetMs` shortens what the call has left. */
  constructor(call: Call, budgetMs = Infinity) {
    this.trace = call.trace
    this.#end = Math.min(call.deadline, performance.now() + budgetMs)
    this.#stopListening = onOver(call, (reason) => this.#abort(reason))
  }

  /** Aborts when any of the limits is reached. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Why it aborted. */
  get reason(): AndonError | undefined {
    return this.#reason
  }

  /** Monotonic milliseconds at which the request must be over. */
  get end(): number {
    return this.#end
  }

  throwIfAborted(): void {
    if (this.#reason !== undefined) throw this.#reason
  }

  /** The next thing must happen before `time` (monotonic ms); `sentence` says what did not. */
  expectBy(time: number, sentence: string): void {
    clearTimeout(this.#timer)
    const early = this.#end < time
    const left = (early ? this.#end : time) - performance.now()
    // Longer than a timer can be is as good as never.
    if (left > longestTimerMs) return
    this.#timer = setTimeout(
      () =>
        this.#abort(
          early
            ? new AndonError('deadline', `The time for this answer ran out. ${sentence}`)
            : new AndonError('deadline', sentence, { detail: { kind: 'silent' } }),
        ),
      Math.max(0, left),
    )
  }

  /** Nothing is expected of the server now: the reader has the turn. */
  rest(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  [Symbol.dispose](): void {
    this.rest()
    this.#stopListening()
  }

  #abort(reason: AndonError): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    this.rest()
    this.#controller.abort(reason)
  }
}
