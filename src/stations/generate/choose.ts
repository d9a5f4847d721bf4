// Which sentences answer: a weighted sum of features, best first, no sentence twice.

import { sentenceFeatures } from './extract-features.ts'
import type { AskedQuery, SentenceFeatures } from './extract-features.ts'
import type { PreparedPassage, PreparedSentence } from './extract-sentences.ts'
import { answerTypes } from '../../text/answer-types.ts'
import type { Passage } from '../../core/question.ts'

/** A passage to read, with its score: 1 for the best one. */
export interface ReadPassage {
  passage: Passage
  score: number
  prepared: PreparedPassage
}

/** A sentence with its score. */
export interface ChosenSentence {
  passage: Passage
  prepared: PreparedPassage
  sentence: PreparedSentence
  /** Its place in its passage. */
  index: number
  /** Place of its passage in the ranking. */
  rank: number
  features: SentenceFeatures
  score: number
}

/**
 * Fitted together (conditional logit over the sentences of a question) on open sets of English and Chinese questions,
 * then rounded. They are small numbers and not sacred.
 */
export const sentenceWeights: Partial<Record<keyof SentenceFeatures, number>> = {
  passage: 4.4,
  coverage: -2,
  coverageBefore: 4.8,
  coverageAfter: 2.7,
  localCoverage: 1.7,
  letterGroups: 1.6,
  rareGroups: 3.1,
  rareGroupsBefore: 1.5,
  longestRun: -1.5,
  asks: -2,
  heading: -0.6,
  code: -2.5,
  date: 2,
  figure: 2,
  person: 1.6,
  reason: 1.2,
  otherType: 0.6,
  figureNear: 1.7,
  placeNear: 1.7,
  dateNear: 1.3,
  defines: 3,
}

/**
 * The `count` best sentences, and all sentences with their scores (`scored`, best first). Overlapping passages hold the
 * same sentence twice: the second is left out of `best`.
 */
export function chooseSentences(
  query: AskedQuery,
  read: readonly ReadPassage[],
  { count }: { count: number },
): { best: ChosenSentence[]; scored: ChosenSentence[] } {
  const candidates = read.flatMap((source, rank) =>
    source.prepared.sentences.map((sentence, index) => ({
      source,
      sentence,
      index,
      rank,
      passage: source.prepared,
      passageScore: source.score,
    })),
  )
  const features = sentenceFeatures(query, candidates)
  const scored = candidates
    .flatMap(({ source, sentence, index, rank }, place): ChosenSentence[] => {
      const own = features[place]
      if (own === undefined) return []
      const { passage, prepared } = source
      return [{ passage, prepared, sentence, index, rank, features: own, score: weighed(own) }]
    })
    .sort((one, other) => other.score - one.score || one.rank - other.rank || one.index - other.index)
  const best: ChosenSentence[] = []
  const answering = scored.filter(({ sentence }) => sentence.answers)
  for (const sentence of answering.length > 0 ? answering : scored) {
    if (best.length >= count) break
    if (!best.some((chosen) => isSame(chosen, sentence))) best.push(sentence)
  }
  return { best, scored }
}

function weighed(features: SentenceFeatures): number {
  let sum = 0
  for (const [name, value] of Object.entries(features)) sum += (weightOf.get(name) ?? 0) * value
  return sum
}

const weightOf = new Map<string, number>(Object.entries(sentenceWeights))

/** Whether a question wants more than one sentence: how, why, what is, describe. */
export function wantsExplanation(question: string): boolean {
  const [type] = answerTypes(question)
  if (type === 'manner' || type === 'reason' || type === 'definition') return true
  // "What is a lease?", but not "What is the capital of France?".
  if (/^what(?:'s| is| are) (?!the\b)(?:an? )?[\w-]+(?: [\w-]+){0,2}\s*\??$/i.test(question.trim())) return true
  return /\b(?:describe|explain|outline|summari[sz]e|what does .+ (?:mean|do))\b|\bhow (?:does|do|can|to)\b|介绍|介紹|解释|解釋|描述|说明|說明|概述|总结|總結/i.test(
    question,
  )
}

/** Up to four sentences behind the best one in its passage, together at most 600 characters, without those chosen. */
export function followingSentences(best: ChosenSentence, chosen: readonly ChosenSentence[]): ChosenSentence[] {
  const following: ChosenSentence[] = []
  let length = 0
  for (let index = best.index + 1; index <= best.index + 4; index++) {
    const sentence = best.prepared.sentences[index]
    if (sentence === undefined || sentence.heading) break
    length += sentence.end - sentence.start
    if (length > 600) break
    const next = { ...best, sentence, index, score: 0 }
    if (!chosen.some((other) => isSame(other, next))) following.push(next)
  }
  return following
}

function isSame(one: ChosenSentence, other: ChosenSentence): boolean {
  if (one.sentence.flat === other.sentence.flat) return true
  if (one.passage.documentId !== other.passage.documentId) return false
  const start = Math.max(one.passage.start + one.sentence.start, other.passage.start + other.sentence.start)
  const end = Math.min(one.passage.start + one.sentence.end, other.passage.start + other.sentence.end)
  return end > start
}
