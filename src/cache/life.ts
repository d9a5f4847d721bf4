// How long a value may be given, and under which conditions: from the moment it is made, or as its entry on the level says.

import type { Content } from './content.ts'
import type { Held } from './memory.ts'
import type { Settings } from './options.ts'

/** Until when a value is fresh, and until when it is kept. Milliseconds since 1970. */
export interface Life {
  readonly freshUntil: number
  readonly keptUntil: number
}

type Times = Pick<
  Settings<never, unknown>,
  'ttlMs' | 'jitter' | 'failuresMs' | 'graceMs' | 'revalidateMs' | 'l1TtlMs' | 'refreshAhead'
>

/** The life of what is made now. */
export function beginLife({ ttlMs, jitter, failuresMs, graceMs, revalidateMs }: Times, failed: boolean): Life {
  const freshUntil = Date.now() + (failed ? failuresMs : ttlMs) * (1 - jitter * Math.random())
  return { freshUntil, keptUntil: freshUntil + (failed ? 0 : Math.max(graceMs, revalidateMs)) }
}

/** A value with such a life, as this process's memory holds it. */
export function heldFor<Value>(
  { l1TtlMs, ttlMs, refreshAhead, revalidateMs, graceMs }: Times,
  { freshUntil, keptUntil }: Life,
  { value, failure }: Content<Value>,
  tags: readonly string[],
): Held<Value> {
  return {
    value,
    failure,
    freshUntil,
    keptUntil: Math.min(keptUntil, freshUntil + graceMs),
    staleUntil: failure ? freshUntil : freshUntil + revalidateMs,
    until: Math.min(freshUntil, Date.now() + l1TtlMs),
    refreshAt: failure || refreshAhead === 1 ? Infinity : freshUntil - ttlMs * (1 - refreshAhead),
    tags,
  }
}
