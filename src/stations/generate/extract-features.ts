// How well each sentence of a few passages fits a question, in numbers between 0 and 1 that a weighted sum can use.

import { answerTypes, figureTypes, typedSpans, typeScore } from '../../text/answer-types.ts'
import type { AnswerType } from '../../text/answer-types.ts'
import { foldHan } from '../../text/han-folding.ts'
import { asksForCode } from './code-lines.ts'
import { defines, topicOf } from './definition.ts'
import { flatten } from './extract-sentences.ts'
import type { PreparedPassage, PreparedSentence } from './extract-sentences.ts'

/** What is needed of a question: its terms with what they weigh and how rare they are. */
export interface AskedQuery {
  text: string
  terms: readonly { term: string; weight: number; idf: number }[]
}

/** One sentence and where it stands. */
export interface Candidate {
  sentence: PreparedSentence
  /** Its place among the sentences of its passage. */
  index: number
  passage: PreparedPassage
  /** Place of the passage in the ranking, from 0. */
  rank: number
  /** Score of the passage, the best one's being 1. */
  passageScore: number
}

/** Measures of a sentence, each about 0 to 1. "Coverage" is the share of the question's terms, weighted by rarity. */
export interface SentenceFeatures {
  passage: number
  /** Terms in the sentence. */
  coverage: number
  /** Terms in the sentence, the title or the sentence before. */
  coverageBefore: number
  /** Terms in the sentence, the title or the sentence after. */
  coverageAfter: number
  /** Terms in the sentence, counted by how rare they are among the sentences at hand; times the passage's score. */
  localCoverage: number
  /** Share of the question's letter groups in the sentence: two Chinese characters, or four letters. */
  letterGroups: number
  /** The same, counted by how rare each group is among the sentences at hand. */
  rareGroups: number
  /** The same in the sentence or the one before. */
  rareGroupsBefore: number
  /** Longest stretch of the question found in the sentence. */
  longestRun: number
  /** It is a question itself. */
  asks: number
  heading: number
  /** It is code, and none is asked for. */
  code: number
  /** It holds the type of thing asked for. */
  date: number
  figure: number
  person: number
  reason: number
  otherType: number
  /** How close a thing of the asked type stands to the question's terms. */
  figureNear: number
  placeNear: number
  dateNear: number
  /** It says what the question wants defined is: see `defines`. */
  defines: number
}

/** Weighs terms by how few of the sentences at hand hold them (the BM25 idf over these sentences). */
function localRarity(query: AskedQuery, candidates: readonly Candidate[]): Map<string, number> {
  const rarity = new Map<string, number>()
  for (const { term } of query.terms) {
    let holding = 0
    for (const { sentence } of candidates) if (sentence.places.has(term)) holding++
    const all = candidates.length
    rarity.set(term, holding === 0 ? 0 : Math.log(1 + (all - holding + 0.5) / (holding + 0.5)))
  }
  return rarity
}

/** The features of every candidate, in the same order. */
export function sentenceFeatures(query: AskedQuery, candidates: readonly Candidate[]): SentenceFeatures[] {
  const rarity = localRarity(query, candidates)
  const sum = (weigh: (term: AskedQuery['terms'][number]) => number): number =>
    query.terms.reduce((total, term) => total + term.weight * weigh(term), 0) || 1
  const total = sum((term) => term.idf)
  const localTotal = sum((term) => rarity.get(term.term) ?? 0)
  const types = answerTypes(query.text)
  const topic = topicOf(query.text)
  const wantsCode = asksForCode(query.text)
  const asked = foldHan(query.text)
  const flat = flatten(query.text)
  const groups = letterGroups(flat)
  const groupRarity = groups.map((group) => {
    let holding = 0
    for (const { sentence } of candidates) if (sentence.flat.includes(group)) holding++
    return holding === 0 ? 0 : Math.log(1 + (candidates.length - holding + 0.5) / (holding + 0.5))
  })
  const groupTotal = groupRarity.reduce((a, b) => a + b, 0) || 1

  return candidates.map(({ sentence, index, passage, passageScore }) => {
    const before = passage.sentences[index - 1]
    const after = passage.sentences[index + 1]
    let here = 0
    let withBefore = 0
    let withAfter = 0
    let local = 0
    for (const { term, weight, idf } of query.terms) {
      const inside = sentence.places.has(term)
      const held = inside || passage.titleTerms.has(term) || sentence.above.has(term)
      if (inside) {
        here += weight * idf
        local += weight * (rarity.get(term) ?? 0)
      }
      if (held || before?.places.has(term)) withBefore += weight * idf
      if (held || after?.places.has(term)) withAfter += weight * idf
    }
    let found = 0
    let rare = 0
    let rareBefore = 0
    groups.forEach((group, place) => {
      const value = groupRarity[place] ?? 0
      const inside = sentence.flat.includes(group)
      if (inside) {
        found++
        rare += value
      }
      if (inside || before?.flat.includes(group)) rareBefore += value
    })
    const type = types[0]
    const holds = types.length > 0 ? typeScore(types, asked, sentence.folded) : 0
    const near = type && holds > 0 ? nearness(type, asked, sentence, query, rarity) / localTotal : 0
    const kind = type && classOf(type)
    return {
      passage: passageScore,
      coverage: here / total,
      coverageBefore: withBefore / total,
      coverageAfter: withAfter / total,
      localCoverage: (local / localTotal) * passageScore,
      letterGroups: groups.length > 0 ? found / groups.length : 0,
      rareGroups: rare / groupTotal,
      rareGroupsBefore: rareBefore / groupTotal,
      longestRun: here > 0 ? longestRun(flat, sentence.flat) : 0,
      asks: sentence.asks ? 1 : 0,
      heading: sentence.heading ? 1 : 0,
      code: sentence.code && !wantsCode ? 1 : 0,
      date: kind === 'date' ? holds : 0,
      figure: kind === 'figure' ? holds : 0,
      person: kind === 'person' ? holds : 0,
      reason: kind === 'reason' ? holds : 0,
      otherType: kind === 'other' ? holds : 0,
      figureNear: kind === 'figure' ? near : 0,
      placeNear: type === 'place' ? near : 0,
      dateNear: kind === 'date' ? near : 0,
      defines: topic === undefined ? 0 : defines(topic, sentence.text),
    }
  })
}

function classOf(type: AnswerType): 'date' | 'figure' | 'person' | 'place' | 'reason' | 'other' {
  if (figureTypes.has(type)) return 'figure'
  return type === 'date' || type === 'person' || type === 'place' || type === 'reason' ? type : 'other'
}

/** The pieces of a flattened question that `letterGroups` looks for. */
export function letterGroups(flat: string): string[] {
  const size = /[\u3400-\u9fff]/.test(flat) ? 2 : 4
  const groups: string[] = []
  for (let start = 0; start + size <= flat.length; start++) groups.push(flat.slice(start, start + size))
  return groups
}

/** Share of the question that is found in the sentence in one piece. */
function longestRun(question: string, sentence: string): number {
  let longest = 0
  for (let start = 0; start + longest < question.length; start++) {
    while (start + longest < question.length && sentence.includes(question.slice(start, start + longest + 1))) longest++
  }
  return question.length > 0 ? longest / question.length : 0
}

/** The best sum of term rarities, each fading with its distance from one span of the asked type. */
function nearness(
  type: AnswerType,
  asked: string,
  sentence: PreparedSentence,
  query: AskedQuery,
  rarity: Map<string, number>,
): number {
  const reach = /[\u4e00-\u9fff]/.test(sentence.folded) ? 15 : 50
  let best = 0
  for (const span of typedSpans(type, asked, sentence.folded)) {
    let near = 0
    for (const { term, weight } of query.terms) {
      const starts = sentence.places.get(term)
      if (!starts) continue
      let distance = Infinity
      for (const start of starts) distance = Math.min(distance, Math.abs(start - span.start))
      near += weight * (rarity.get(term) ?? 0) * Math.exp(-distance / reach)
    }
    if (near > best) best = near
  }
  return best
}
