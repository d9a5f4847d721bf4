// Whether an order can still be answered in the time that it has left, by what answers have taken.

import type { EndpointState } from './endpoint-state.ts'
import type { Waiter } from './line.ts'
import type { Order } from './order.ts'
import type { Pool } from './pools.ts'

/** Who came with little time is not given up for that: while more than this share of it is left it is tried. */
const ownShare = 0.5

/** Milliseconds that the order nearly always needs at the quickest endpoint that is well; 0 while that is not known. */
export function neededMs(pool: Pool, order: Order, now: number): number {
  let least = Infinity
  for (const state of pool.endpoints) {
    if (state.retired || state.breaker.state !== 'closed' || now < state.cooling.until) continue
    least = Math.min(least, usualMs(state, order))
  }
  if (least === Infinity) return 0
  // A whole answer that is to be shorter than others takes less.
  const { outputTokens } = pool.habits
  const isShorter = order.whole === true && order.outputTokens > 0 && order.outputTokens < outputTokens
  return isShorter ? (least * order.outputTokens) / outputTokens : least
}

/** Whether the time that is left is no more enough. */
export function isTooLate(pool: Pool, { order, call, since }: Waiter, now: number): boolean {
  const left = call.deadline - now
  if (left === Infinity || left > ownShare * (call.deadline - since)) return false
  return left < neededMs(pool, order, now)
}

/** Of a stream until its first token: what is cut later was of use. */
function usualMs({ wholeAnswer, firstToken }: EndpointState, { whole }: Order): number {
  const known = whole === true ? wholeAnswer : firstToken
  return known.isLearnt ? (known.nearlyAlways ?? 0) : 0
}
