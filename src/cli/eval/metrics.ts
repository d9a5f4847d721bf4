// The measures of a ranking and of a refusal, as the literature defines them.

/** Relevance of documents for one question: document id → grade above 0. */
export type Judgements = ReadonlyMap<string, number>

/**
 * Normalised discounted cumulative gain with linear gains and log2 discounts (Järvelin & Kekäläinen 2002; the variant
 * of trec_eval and BEIR). 0 when nothing is relevant.
 */
export function ndcg(ranking: readonly string[], judgements: Judgements, depth: number): number {
  let gained = 0
  for (let rank = 0; rank < Math.min(depth, ranking.length); rank++)
    gained += (judgements.get(ranking[rank] ?? '') ?? 0) / Math.log2(rank + 2)
  const ideal = [...judgements.values()].sort((a, b) => b - a).slice(0, depth)
  const best = ideal.reduce((sum, grade, rank) => sum + grade / Math.log2(rank + 2), 0)
  return best === 0 ? 0 : gained / best
}

/** Share of the relevant documents among the first `depth`. */
export function recall(ranking: readonly string[], judgements: Judgements, depth: number): number {
  if (judgements.size === 0) return 0
  const found = ranking.slice(0, depth).filter((id) => judgements.has(id)).length
  return found / judgements.size
}

/** 1 / rank of the first relevant document within `depth`, else 0. */
export function reciprocalRank(ranking: readonly string[], judgements: Judgements, depth: number): number {
  const rank = ranking.slice(0, depth).findIndex((id) => judgements.has(id))
  return rank < 0 ? 0 : 1 / (rank + 1)
}

/**
 * Area under the ROC curve: the chance that a positive scores above a negative, ties counting half
 * (Mann–Whitney U). NaN when either side is empty.
 */
export function areaUnderCurve(positives: readonly number[], negatives: readonly number[]): number {
  if (positives.length === 0 || negatives.length === 0) return Number.NaN
  const all = [
    ...positives.map((score) => ({ score, positive: true })),
    ...negatives.map((score) => ({ score, positive: false })),
  ].sort((a, b) => a.score - b.score)
  let rankSum = 0
  for (let start = 0; start < all.length;) {
    let end = start
    while (end < all.length && all[end]?.score === all[start]?.score) end++
    const meanRank = (start + 1 + end) / 2
    for (let at = start; at < end; at++) if (all[at]?.positive) rankSum += meanRank
    start = end
  }
  return (rankSum - (positives.length * (positives.length + 1)) / 2) / (positives.length * negatives.length)
}

/** Text as answers are compared: letters and digits only, lower case, full-width folded. */
export function comparable(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '')
}
