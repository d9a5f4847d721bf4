// A question as search sees it: weighted terms, what is rare among them, and which typos were repaired. Plain data, so
// that the reranker and the answerer can read it wherever they run.

import type { Token } from '../../text/analyse.ts'
import type { PassageIndex, TermStatistics } from '../../stores/store.ts'
import { readQuestion } from './reading.ts'
import type { Reading } from './reading.ts'
import { addWording, dropUnknownAdditions, isHeld, replaceCompounds, replaceEquivalents, wantedOf } from './wanted.ts'
import type { Wanted } from './wanted.ts'

/** A term that is searched for. */
export interface QueryTerm {
  term: string
  /** 1 for words and numbers, 0.5 for what lies inside or across them, 0.7 for a repaired typo. */
  weight: number
  /** How rare it is: ln(1 + (N − n + 0.5) / (n + 0.5)), N passages of the tenant, n that hold it (Robertson 1976). */
  idf: number
}

/** Two words that stand side by side in the question, and the idf of the more frequent one. */
export interface QueryPair {
  first: string
  second: string
  idf: number
}

export interface Query {
  /** The question as asked, without instructions on how to answer it. */
  text: string
  terms: QueryTerm[]
  /** Sum of weight · idf over the terms that a whole answer would have (not those added beside others), above 0. */
  total: number
  pairs: QueryPair[]
  /** Terms that begin with a digit. */
  numbers: string[]
  /** Terms written like names, with a capital in front, and figures. */
  names: string[]
  /** The place to look at, when one is named ("in the balance sheet"): its terms, in several ways. */
  places: { term: string; idf: number }[][]
  /** Of the tenant: number of passages, and mean number of terms of one. */
  statistics: { passages: number; averageLength: number }
  /** Words that no passage holds, each with the words searched instead. Names not listed here were found or dropped. */
  repaired: Record<string, string[]>
}

/** Weight of a word that stands for a typo: it may be the wrong one. */
const repairedWeight = 0.7
/** Weight of what a model or the table of equivalents added, beside 1 for the question's own words. */
const addedWeight = 0.4
/** Terms that may be typos: Latin letters alone, neither so few that everything is similar nor so many that nothing is. */
const repairable = /^[a-z]{4,40}$/
/** No term counts less than this, however frequent: on a collection about one thing its name is in every passage. */
const leastIdf = 0.05
/** A question longer than this is searched by its rarest terms: more cost time and change nothing. */
const mostTerms = 160

/** How rare a term is that stands in `frequency` of `passages`. Never below 0.05. */
export function inverseFrequency(passages: number, frequency: number): number {
  return Math.max(leastIdf, Math.log(1 + (passages - frequency + 0.5) / (frequency + 0.5)))
}

/**
 * Makes the query for a question: looks its terms up in the tenant's index, adds what they are called otherwise, and
 * replaces Latin words that no passage holds by the most similar ones that some do. `alternatives` are other wordings
 * (from a model); their new words count less than the question's own.
 */
export async function makeQuery(
  index: PassageIndex,
  tenant: string,
  text: string,
  alternatives: readonly string[] = [],
): Promise<Query> {
  const reading = readQuestion(text)
  const wanted = wantedOf(reading)
  for (const { ways } of reading.equivalents) for (const way of ways) addWording(wanted, way, addedWeight)
  for (const alternative of alternatives) addWording(wanted, alternative, addedWeight)
  const { weights, own } = wanted
  const statistics = await index.statistics(tenant, [...weights.keys()])
  dropUnknownAdditions(wanted, statistics)
  replaceEquivalents(reading, wanted, statistics)
  replaceCompounds(reading, wanted, statistics)
  const repaired: Record<string, string[]> = {}
  const missing = reading.tokens.filter((token) => weights.has(token.term) && isUnknown(token, statistics))
  if (missing.length > 0) {
    const replacements = new Map<string, string[]>()
    for (const { term, raw = term } of missing) {
      if (replacements.has(term)) continue
      const similar = await index.similar(tenant, term)
      replacements.set(term, similar)
      if (similar.length > 0) repaired[raw] = similar
    }
    const added = await index.statistics(tenant, [...new Set([...replacements.values()].flat())])
    for (const [term, frequency] of added.frequencies) statistics.frequencies.set(term, frequency)
    for (const [term, similar] of replacements) {
      if (similar.length === 0) continue
      weights.delete(term)
      for (const word of similar) {
        if (!weights.has(word)) weights.set(word, repairedWeight)
        own.add(word)
      }
    }
  }
  return queryOf(reading, wanted, statistics, repaired)
}

/** The query for a question against known statistics, without repair: for documents that are in no index. */
export function plainQuery(text: string, statistics: TermStatistics): Query {
  const reading = readQuestion(text)
  return queryOf(reading, wantedOf(reading), statistics, {})
}

function isUnknown(token: Token, statistics: TermStatistics): boolean {
  return (
    token.kind === 'word' && !isHeld(token.term, statistics) && repairable.test(token.term) && statistics.passages > 0
  )
}

function queryOf(
  { tokens, names, places }: Reading,
  { weights, own, asked }: Wanted,
  statistics: TermStatistics,
  repaired: Record<string, string[]>,
): Query {
  const { passages, averageLength, frequencies } = statistics
  const idf = (term: string) => inverseFrequency(passages, frequencies.get(term) ?? 0)
  let terms = Array.from(weights, ([term, weight]) => ({ term, weight, idf: idf(term) }))
  if (terms.length > mostTerms) {
    terms = terms.sort((left, right) => right.weight * right.idf - left.weight * left.idf).slice(0, mostTerms)
  }
  const words = tokens.filter((token) => token.kind === 'word' || token.kind === 'number').map((token) => token.term)
  const pairs: QueryPair[] = []
  for (let index = 0; index + 1 < Math.min(words.length, mostTerms); index++) {
    const first = words[index]
    const second = words[index + 1]
    if (first === undefined || second === undefined || first === second) continue
    pairs.push({ first, second, idf: Math.min(idf(first), idf(second)) })
  }
  return {
    text: asked,
    terms,
    total: terms.reduce((sum, { term, weight, idf }) => sum + (own.has(term) ? weight * idf : 0), 0) || 1,
    pairs,
    numbers: terms.filter(({ term, weight }) => weight === 1 && term >= '0' && term < ':').map(({ term }) => term),
    names,
    places: places.map((way) => way.map((term) => ({ term, idf: idf(term) }))),
    statistics: { passages, averageLength },
    repaired,
  }
}
