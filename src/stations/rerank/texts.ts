// The station that scores texts for a query by words, where there is no index: the texts given are all there is, so how
// rare a word is, is told among them.

import { throwIfOver } from '../../core/call.ts'
import type { Call, Station } from '../../core/station.ts'
import type { Found } from '../../core/question.ts'
import type { TermStatistics } from '../../stores/store.ts'
import { analyse } from '../../text/analyse.ts'
import { plainQuery } from '../search/query.ts'
import { rank } from './rank.ts'

export interface RankTextsInput {
  query: string
  texts: string[]
}

/** Gives the station. It needs nothing but its input. */
export function open(): Station<RankTextsInput, number[]> {
  return {
    name: 'rank-texts',
    async *run(input: RankTextsInput, call: Call) {
      throwIfOver(call)
      yield scoresOf(input)
    },
  }
}

/** BM25: how soon more of a word counts for less, and how much length counts. */
const saturation = 1.2
const lengthShare = 0.75

/** A score for each text, in their order: 1 for the best, 0 for those without any word of the query. */
export function scoresOf({ query: text, texts }: RankTextsInput): number[] {
  const terms = texts.map(countsOf)
  const statistics = statisticsOf(terms)
  const query = plainQuery(text, statistics)
  const found: Found[] = []
  for (const [at, { counts, length }] of terms.entries()) {
    const shortness = saturation * (1 - lengthShare + (lengthShare * length) / (statistics.averageLength || 1))
    let score = 0
    for (const { term, weight, idf } of query.terms) {
      const count = counts.get(term) ?? 0
      score += (weight * idf * count * (saturation + 1)) / (count + shortness)
    }
    if (score > 0) found.push({ passage: passageOf(texts[at] ?? '', at), score, keyword: score })
  }
  const scores = texts.map(() => 0)
  for (const { passage, score } of rank(query, found).ranked) scores[passage.ordinal] = Math.min(1, Math.max(0, score))
  return scores
}

interface Counts {
  counts: Map<string, number>
  length: number
}

function countsOf(text: string): Counts {
  const counts = new Map<string, number>()
  const tokens = analyse(text)
  for (const { term } of tokens) counts.set(term, (counts.get(term) ?? 0) + 1)
  return { counts, length: tokens.length }
}

function statisticsOf(terms: readonly Counts[]): TermStatistics {
  const frequencies = new Map<string, number>()
  for (const { counts } of terms)
    for (const term of counts.keys()) frequencies.set(term, (frequencies.get(term) ?? 0) + 1)
  const total = terms.reduce((sum, { length }) => sum + length, 0)
  return { passages: terms.length, averageLength: total / Math.max(1, terms.length), frequencies }
}

function passageOf(text: string, ordinal: number): Found['passage'] {
  return {
    id: String(ordinal),
    documentId: String(ordinal),
    documentName: '',
    title: '',
    collection: '',
    headings: [],
    kind: 'paragraph',
    ordinal,
    start: 0,
    end: text.length,
    text,
  }
}
