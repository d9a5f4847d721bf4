// How alike two questions are by their words, for when there is no embedder: the share of what they name that both name.

import type { Reading } from './reading.ts'

/** From 0 (nothing in common) to 1: the cosine of what both name. */
export function wordsLikeness(one: Reading, other: Reading): number {
  let shared = 0
  for (const term of one.terms) if (other.terms.has(term)) shared += 1
  const size = Math.sqrt(one.terms.size * other.terms.size)
  return size === 0 ? 0 : shared / size
}
