// A second look when many passages seem equally good: what the best ones have in common decides between them.

import type { PassageTerms } from './passage-terms.ts'

/** Passages that the feedback learns from, and terms that it takes from them. */
const learnFrom = 10
const termsTaken = 20

/**
 * How much each passage speaks of what the best passages speak of, the most being 1 (a relevance model, RM3: Abdul-Jaleel
 * et al., TREC 2004). `ranked` is best first, with scores; how rare a term is comes from these passages themselves.
 */
export function feedbackScores(
  ranked: readonly { terms: PassageTerms; score: number }[],
  averageLength: number,
): number[] {
  const sources = ranked.slice(0, learnFrom)
  const lowest = sources.at(-1)?.score ?? 0
  const frequencies = new Map<number, number>()
  for (const { terms } of ranked) {
    for (const [hash] of counts(terms)) frequencies.set(hash, (frequencies.get(hash) ?? 0) + 1)
  }
  const model = new Map<number, number>()
  for (const { terms, score } of sources) {
    const weight = score - lowest + 0.1
    for (const [hash, count] of counts(terms)) {
      model.set(hash, (model.get(hash) ?? 0) + (weight * count) / Math.max(1, terms.length))
    }
  }
  const chosen = Array.from(model, ([hash, share]) => {
    const frequency = frequencies.get(hash) ?? 0
    const idf = Math.log(1 + (ranked.length - frequency + 0.5) / (frequency + 0.5))
    return { hash, idf, frequency, weight: share * Math.sqrt(idf) }
  })
    .filter((term) => term.frequency >= 2 && term.frequency < ranked.length / 2)
    .sort((left, right) => right.weight - left.weight)
    .slice(0, termsTaken)
  const total = chosen.reduce((sum, term) => sum + term.weight, 0) || 1
  const scores = ranked.map(({ terms }) => {
    const held = counts(terms)
    const norm = 1.2 * (0.25 + (0.75 * terms.length) / Math.max(1, averageLength))
    let score = 0
    for (const { hash, idf, weight } of chosen) {
      const count = held.get(hash) ?? 0
      if (count > 0) score += ((weight / total) * idf * 2.2 * count) / (count + norm)
    }
    return score
  })
  const best = Math.max(...scores, Number.MIN_VALUE)
  return scores.map((score) => score / best)
}

function counts(terms: PassageTerms): Map<number, number> {
  const held = new Map<number, number>()
  for (const hash of terms.hashes) held.set(hash, (held.get(hash) ?? 0) + 1)
  return held
}
