// The models that may answer a request, one after the other: each at whichever of its endpoints can, and when none of
// them does, the next. Who answers when no model of the chain did is for the caller of this to say.

import { childCall, endCall, remaining, throwIfOver } from '../core/call.ts'
import type { OwnedCall } from '../core/call.ts'
import { longestTimerMs } from '../core/deadlines.ts'
import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import type { Order, Placed, Trail } from './order.ts'
import type { Placing } from './placing.ts'
import { isUsedUp } from './spending.ts'
import type { BeginWhole } from './tries.ts'

/** A request that several models may answer. */
export interface Chain<Begun> {
  readonly order: Order
  /** Names of models, in the order in which they are asked; `undefined` for any. At least one. */
  readonly models: readonly (string | undefined)[]
  /** Whether somebody else answers when none of them does. */
  readonly hasMore: boolean
  /** When the first content has to have come, whoever says it, monotonic milliseconds. Default: in the time of the call. */
  readonly firstBy?: number
  /** Begins the order of one model at one endpoint: see {@link Placing.place}. */
  readonly begin: (order: Order, ...asked: Parameters<BeginWhole<Begun>>) => Promise<Begun>
  /** Hears which models did not answer, and why. */
  readonly fellBack?: (model: string | undefined, error: AndonError) => void
}

/** What came of a chain: the first answer, with the order of its model; or why the last model did not answer. */
export type Reached<Begun> =
  | { readonly placed: Placed<Begun>; readonly order: Order; readonly error?: never }
  | { readonly placed?: never; readonly order?: never; readonly error: AndonError }

/** While there is another model to ask, one may take so much of the time that is left. */
const patience = 0.5

/** An endpoint that is silent is told of by its own limit, and just behind it by that of all. Milliseconds. */
const lateness = 50

/** Asks the models of a chain. Throws when its call is over, and what another model would not help against. */
export async function askInTurn<Begun>(
  placing: Pick<Placing, 'place'>,
  { order, models, hasMore, firstBy, begin, fellBack }: Chain<Begun>,
  call: Call,
  trail: Trail,
): Promise<Reached<Begun>> {
  let error: AndonError | undefined
  let left = models.length
  for (const model of models) {
    left--
    const isLast = !hasMore && left === 0
    const named: Order = model === undefined || model === order.model ? order : { ...order, model }
    const turn = isLast && firstBy === undefined ? undefined : new Turn(call, !isLast, firstBy)
    try {
      const placed = await placing.place(
        named,
        turn?.call ?? call,
        (lease, own, content) => begin(named, lease, own, content),
        trail,
        isLast,
      )
      turn?.keep()
      return { placed, order: named }
    } catch (reason) {
      turn?.[Symbol.dispose]()
      throwIfOver(call)
      error = AndonError.from(reason)
      if (isFinal(error)) throw error
      fellBack?.(model, error)
    }
  }
  return { error: error ?? new AndonError('invalid', 'No model was named to answer: name one.') }
}

/** One model's part of the time: when it is used up before anything was said, the next model is asked. */
class Turn implements Disposable {
  readonly call: OwnedCall
  readonly #timer: NodeJS.Timeout | undefined

  /**
   * `more` says whether another model can be asked after this one; without one it has all the time until the first
   * content has to have come.
   */
  constructor(parent: Call, more: boolean, firstBy = Infinity) {
    this.call = childCall(parent)
    const firstMs = firstBy + lateness - performance.now()
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
function isFinal(error: AndonError): boolean {
  const { code } = error
  return code === 'invalid' || code === 'forbidden' || code === 'internal' || isUsedUp(error)
}
