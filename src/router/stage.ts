// One model of a chain has its turn: how long it may take before the next is asked, and after which errors none is.

import { childCall, endCall, remaining } from '../core/call.ts'
import type { OwnedCall } from '../core/call.ts'
import { longestTimerMs } from '../core/deadlines.ts'
import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import { isUsedUp } from './spending.ts'

/** While there is another model to ask, one may take so much of the time that is left. */
const patience = 0.5

/** One model's part of the time: when it is used up before anything was said, the next model is asked. */
export class Stage implements Disposable {
  readonly call: OwnedCall
  readonly #timer: NodeJS.Timeout | undefined

  /**
   * `more` says whether another model can be asked after this one; without one it has all the time, or the `firstMs` in
   * which the first content has to come.
   */
  constructor(parent: Call, more: boolean, firstMs = Infinity) {
    this.call = childCall(parent)
    const left = Math.min(remaining(parent), firstMs)
    const ms = Math.round(more ? left * patience : firstMs)
    // More than a timer takes is as good as all the time there is.
    if (ms > longestTimerMs) return
    const instead = more ? ', and another model can be asked' : ''
    const late = new AndonError('deadline', `No endpoint began to answer within ${ms} ms${instead}`)
    this.#timer = setTimeout(() => endCall(this.call, late), ms)
  }

  /** It began: the answer has all the time that is left. */
  keep(): void {
    clearTimeout(this.#timer)
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.call[Symbol.dispose]()
  }
}

/** Another model would not help: the request is wrong, or the budget of who asks is used up. */
export function isFinal(error: AndonError): boolean {
  const { code } = error
  return code === 'invalid' || code === 'forbidden' || code === 'internal' || isUsedUp(error)
}
