// Ends a call when whoever works on it is silent for too long, but not while the reader has the turn.

import { endCall } from '../../core/call.ts'
import type { OwnedCall } from '../../core/call.ts'
import { longestTimerMs } from '../../core/deadlines.ts'
import { AndonError } from '../../core/errors.ts'

export class Silence implements Disposable {
  readonly #call: OwnedCall
  readonly #who: string
  #timer: NodeJS.Timeout | undefined

  constructor(call: OwnedCall, who: string) {
    this.#call = call
    this.#who = who
  }

  /** Something has to be heard in so many milliseconds. */
  within(ms: number): void {
    const end = (): void => {
      endCall(this.#call, new AndonError('deadline', `${this.#who} said nothing for ${ms} ms.`))
    }
    // Longer than a timer can be is as good as never.
    if (ms <= longestTimerMs) this.#timer = setTimeout(end, ms)
  }

  /** Something was heard: the reader has the turn. */
  over(): void {
    clearTimeout(this.#timer)
  }

  [Symbol.dispose](): void {
    this.over()
  }
}
