// Orders passages for a question by words alone: a weighted sum of features, and a second look where it leaves doubt.

import type { Found } from '../../core/question.ts'
import type { Query } from '../search/query.ts'
import { RankedQuestion } from './features.ts'
import type { RankFeatures } from './features.ts'
import { feedbackScores } from './feedback.ts'
import { passageTerms } from './passage-terms.ts'
import type { PassageTerms, RankedText } from './passage-terms.ts'
import { documentsNamed } from './pointers.ts'

/** A passage in its place: `score` is 1 for the best, and what the search gave is in `features.bm` and `keyword`. */
export type Ranked = Found & { features: RankFeatures }

export interface RerankOutput {
  /** Best first. */
  ranked: Ranked[]
  /** How far the best is ahead: 1 − second score / first score; 1 when there is no second, 0 when there is none. */
  margin: number
}

/** Weights found by hand on open sets of English and Chinese questions; they are small numbers and not sacred. */
export const rankWeights: Partial<Record<keyof RankFeatures, number>> = {
  bm: 1,
  rareNgram: 0.5,
  titleCov: 0.5,
  lcs: 0.4,
  unordered: 0.2,
  sentenceOrTitle: 0.2,
  sentence: 0.1,
  type: 0.1,
  numbers: 0.1,
  minSpan: 0.1,
  named: 0.2,
  place: 0.5,
  foreign: -0.1,
}

/** Weight of the search's score when vectors were part of it: the other features know words alone. */
const hybridWeight = 2

/** The best passages are in doubt when the fifth has more than this share of the first one's score. */
const doubtFrom = 0.85
/** How much the second look counts beside the first. */
const feedbackShare = 0.3

export interface RankOptions {
  /** Gives a passage's terms, kept from before if possible. Default: takes it apart each time. */
  termsOf?: (passage: RankedText) => PassageTerms
  /** Default {@link rankWeights}, with twice the weight of the search's own score when it had vectors. */
  weights?: Partial<Record<keyof RankFeatures, number>>
  /** Whether to look again when in doubt. Default true. */
  feedback?: boolean
}

/** Orders what was found (in any order, scores above 0) for a query. Pure: needs no station and no index. */
export function rank(query: Query, found: readonly Found[], options: RankOptions = {}): RerankOutput {
  const { termsOf = passageTerms, feedback = true } = options
  const hybrid = found.some(({ vector }) => vector !== undefined)
  const weights = options.weights ?? (hybrid ? { ...rankWeights, bm: hybridWeight } : rankWeights)
  const question = new RankedQuestion(query)
  const best = found.reduce((most, { score }) => Math.max(most, score), Number.MIN_VALUE)
  const weighted = Object.entries(weights)
  const candidates = found.map((one) => {
    const terms = termsOf(one.passage)
    return {
      one,
      terms,
      document: one.passage.documentId,
      ...question.features(terms, Math.max(0, one.score / best)),
      score: 0,
    }
  })
  question.weighPieces(candidates)
  documentsNamed(query, candidates).forEach((share, index) => {
    const candidate = candidates[index]
    if (candidate) candidate.features.named = share
  })
  for (const candidate of candidates) {
    for (const [name, weight] of weighted) candidate.score += weight * valueOf(candidate.features, name)
  }
  settle(candidates)
  const fifth = candidates[4]
  if (feedback && candidates.length > 5 && fifth !== undefined && fifth.score > doubtFrom) {
    const scores = feedbackScores(candidates, query.statistics.averageLength)
    candidates.forEach((candidate, index) => {
      candidate.score += feedbackShare * (scores[index] ?? 0)
    })
    settle(candidates)
  }
  return {
    ranked: candidates.map(({ one, features, score }) => ({ ...one, score, features })),
    margin: candidates.length === 0 ? 0 : 1 - (candidates[1]?.score ?? 0),
  }
}

function valueOf(features: Readonly<Record<string, number>>, name: string): number {
  return features[name] ?? 0
}

/** Sorts best first and brings the best to 1. */
function settle(candidates: { score: number }[]): void {
  candidates.sort((left, right) => right.score - left.score)
  const best = candidates[0]?.score ?? 0
  if (best > 0) for (const candidate of candidates) candidate.score /= best
}
