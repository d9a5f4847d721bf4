// How sure the documents make an answer: one score from what search, ranking and sentences say, and three levels of it.
// Words alone cannot tell "the same topic, but not this fact", which is why there is a level between yes and no.

import type { ChosenSentence } from './choose.ts'
import type { Confidence } from '../../core/question.ts'
import type { Ranked } from '../rerank/rerank.ts'
import type { Query } from '../search/query.ts'

/** What the score is made of. */
export interface RefusalSignals {
  query: Query
  /** The best passage. */
  first: Ranked
  /** 1 − second score / first score. */
  margin: number
  /** Sentences of the best passages, best first. */
  sentences: readonly ChosenSentence[]
}

/** The score when no passage was found at all. */
export const nothingFound = -9
/** From here an answer is given without reserve. */
export const answeredFrom = 0
/** From here up to `answeredFrom` it is given with the remark that it may not be what was asked. */
export const uncertainFrom = -1

/** The level of a score. */
export function confidenceOf(score: number): Confidence {
  return score >= answeredFrom ? 'answered' : score >= uncertainFrom ? 'uncertain' : 'refused'
}

/**
 * A log odds that the passages answer the question, fitted on open sets with the right passage there and taken away.
 * It is comparable between questions on the same documents.
 */
export function refusalScore({ query, first, margin, sentences }: RefusalSignals): number {
  const keyword = (first.keyword ?? 0) / (2.2 * query.total)
  return (
    1.88 * first.features.win3 +
    6.36 * first.features.charNgram +
    3.23 * margin +
    2.15 * keyword +
    2 * Math.min(0.6, agreement(query, sentences)) -
    5.03
  )
}

/** How much of their words, beyond the question's own, the five best sentences of different passages share. */
export function agreement(query: Query, sentences: readonly ChosenSentence[]): number {
  const asked = new Set(query.terms.map(({ term }) => term))
  const best = sentences.slice(0, 5)
  let sum = 0
  let pairs = 0
  for (const [place, one] of best.entries()) {
    const words = [...one.sentence.content].filter((term) => !asked.has(term))
    for (const other of best.slice(place + 1)) {
      if (other.rank === one.rank) continue
      const shared = words.filter((term) => other.sentence.content.has(term)).length
      sum += shared / Math.max(3, Math.min(words.length, other.sentence.content.size))
      pairs++
    }
  }
  return pairs === 0 ? 0 : sum / pairs
}
