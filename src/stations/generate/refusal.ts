// How sure the documents make an answer: one score from what search, ranking and sentences say, and three levels of it.
// Words alone cannot tell "the same topic, but not this fact", which is why there is a level between yes and no.

import type { Confidence } from '../../core/question.ts'
import { RankedQuestion } from '../rerank/features.ts'
import { passageTerms } from '../rerank/passage-terms.ts'
import type { Ranked } from '../rerank/rerank.ts'
import type { Query } from '../search/query.ts'
import { withoutAsking } from './asked.ts'

/** What the score is made of. */
export interface RefusalSignals {
  query: Query
  /** The best passage. */
  first: Ranked
  /** 1 − second score / first score. */
  margin: number
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
 * A log odds that the passages answer the question: how much of the question one place of the best passage covers, in
 * words and in letters, how far that passage is ahead, how strong its words are, and whether the question's figures are
 * there. Fitted (logistic regression) on open sets in English and Chinese, with the right passage there and taken away.
 * It is comparable between questions on the same documents. Words that only ask (see `withoutAsking`) count as letters
 * alone.
 */
export function refusalScore({ query, first, margin }: RefusalSignals): number {
  const { charNgram, numbers } = first.features
  const win3 = coveredIn(query, first)
  // A BM25 score can be 2.2 times the weight of its terms at most.
  const strength = (first.keyword ?? 0) / (2.2 * query.total)
  return 3.4 * win3 + 4.6 * charNgram + 3.75 * margin + 2.5 * strength + 1.25 * numbers - 6.2
}

/** How much of what the question asks about one place of the passage covers; what only asks does not count. */
function coveredIn(query: Query, { passage, features }: Ranked): number {
  const asked = withoutAsking(query)
  return asked === query ? features.win3 : new RankedQuestion(asked).features(passageTerms(passage), 1).features.win3
}
