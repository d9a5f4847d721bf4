// How much of what two questions name is the same.

import type { Reading } from './reading.ts'

/** The cosine of the things that both name, from 0 to 1. */
export function overlapOf({ terms: one }: Reading, { terms: other }: Reading): number {
  const size = Math.sqrt(one.size * other.size)
  if (size === 0) return one.size === other.size ? 1 : 0
  let shared = 0
  for (const term of one) if (other.has(term)) shared += 1
  return shared / size
}
