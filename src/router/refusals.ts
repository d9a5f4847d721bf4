// What an order is told that gets no place.

import { AndonError } from '../core/errors.ts'
import type { Order } from './order.ts'

/** What an honest "come back later" says at least and at most, in milliseconds. */
const soonestMs = 100
const latestMs = 60_000

function named(order: Order): string {
  return order.model === undefined ? order.ability : `the model ${order.model}`
}

export function unservedError(order: Order): AndonError {
  const ability = order.model === undefined ? '' : order.ability
  const length = order.contextTokens === undefined ? '' : `with ${order.contextTokens} tokens`
  const what = `${ability} ${length}`.trim()
  return new AndonError(
    'unavailable',
    `No endpoint serves ${named(order)}${what === '' ? '' : ` (${what})`}: add one, or ask for another model`,
  )
}

export function overloadError(order: Order, because: string, waitMs: number): AndonError {
  const retryAfterMs = Math.round(Math.min(latestMs, Math.max(soonestMs, waitMs || 1_000)))
  return new AndonError(
    'overloaded',
    `An order for ${named(order)} is refused: ${because}; come back in ${retryAfterMs} ms`,
    { retryAfterMs },
  )
}

export function lateError(waitedMs: number): AndonError {
  return new AndonError(
    'deadline',
    `No endpoint was free in time, after ${Math.round(waitedMs)} ms in line: ask again with a larger budget, or when there is less to do`,
  )
}

/** An answer would come after the deadline, and others wait who can have theirs in time. */
export function tooLateError(order: Order, leftMs: number, neededMs: number, waitMs: number): AndonError {
  const has = `an answer takes about ${Math.round(neededMs)} ms and it has ${Math.round(leftMs)} ms left after its wait`
  return overloadError(order, has, waitMs)
}

export function closedError(): AndonError {
  return new AndonError('unavailable', 'The router closes: ask again when it is back')
}

/** All endpoints asked to be left alone, for longer than the order has. */
export function restingError(order: Order, restMs: number): AndonError {
  const retryAfterMs = Math.max(soonestMs, Math.ceil(restMs))
  return new AndonError(
    'overloaded',
    `All endpoints for ${named(order)} ask to be left alone for longer than there is time: come back in ${retryAfterMs} ms`,
    { retryAfterMs },
  )
}
