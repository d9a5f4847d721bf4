// The trace that a request belongs to (W3C Trace Context): the caller's is continued, else one begins here.

import { randomFillSync } from 'node:crypto'

/** Version, trace id, parent id and flags; later versions may append more. */
const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/**
 * The traceparent that goes on from here: with the caller's trace id and its sampled flag when `given` is a valid
 * traceparent, else with a new trace id, not sampled; always with a span id of our own.
 */
export function traceFrom(given: string | string[] | undefined): string {
  const [, version = 'ff', traceId = '', parentId = '', flags = '00', more] =
    (typeof given === 'string' && form.exec(given.trim())) || []
  const holds =
    version !== 'ff' && (version !== '00' || more === undefined) && !/^0+$/.test(traceId) && !/^0+$/.test(parentId)
  const span = randomHex(holds ? 8 : 24)
  // Only the sampled flag is known to mean the same in every version.
  if (holds) return `00-${traceId}-${span}-0${Number.parseInt(flags, 16) & 1}`
  return `00-${span.slice(0, 32)}-${span.slice(32)}-00`
}

/** Random bytes are made many at once: a call for each id costs more than all else that is done for it. */
const pool = Buffer.alloc(4096)
let used = pool.length

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += bytes
  return pool.toString('hex', used - bytes, used)
}

/** The trace id within a traceparent. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35)
}
