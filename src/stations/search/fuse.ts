// One ranking from two: passages found by words and passages found by meaning.

import type { Hit } from '../../stores/store.ts'

/** A row of the joined list; a score is absent when that list does not hold the row. */
export interface Fused extends Hit {
  keyword?: number
  vector?: number
}

/** How much the vectors count against the words: see {@link fuse}. */
export const vectorShare = 0.8

/**
 * Joins both lists by a weighted sum of scores brought to a common scale: words as score / best, vectors from the
 * cosine's own floor, (cosine + 1) / (best + 1). Because the floor is theoretical and not that of the list, an embedder
 * that cannot tell passages apart gives all of them nearly the same and leaves the order of the words alone; a sum of
 * reciprocal ranks would let it count in full. A row that a list does not hold gets 0 from the words, and from the
 * vectors what the last row of the list has: it can have no more.
 * After Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023, whose weight 0.8 this
 * is; cosines lie in a narrow band, which is why it is so far from a half.
 */
export function fuse(keyword: readonly Hit[], vector: readonly Hit[], k: number, share = vectorShare): Fused[] {
  if (vector.length === 0) return keyword.slice(0, k).map(withKeyword)
  const rows = new Map<number, Fused>()
  for (const hit of keyword) rows.set(hit.rowId, withKeyword(hit))
  for (const { rowId, score } of vector) {
    const row = rows.get(rowId)
    if (row === undefined) rows.set(rowId, { rowId, score: 0, vector: score })
    else row.vector = score
  }
  const bestKeyword = Math.max(keyword[0]?.score ?? 0, Number.MIN_VALUE)
  const bestVector = (vector[0]?.score ?? 0) + 1
  const lastVector = vector.at(-1)?.score ?? 0
  for (const row of rows.values()) {
    const words = (row.keyword ?? 0) / bestKeyword
    const meaning = bestVector > 0 ? ((row.vector ?? lastVector) + 1) / bestVector : 0
    row.score = (1 - share) * words + share * meaning
  }
  return [...rows.values()].sort((left, right) => right.score - left.score || left.rowId - right.rowId).slice(0, k)
}

function withKeyword({ rowId, score }: Hit): Fused {
  return { rowId, score, keyword: score }
}
