// What speaks for a passage as the answer to a question, by words alone: numbers from 0 to 1, in which a rare
// word counts for more than a frequent one.

import { answerTypes, typeScore } from '../../text/answer-types.ts'
import type { AnswerType } from '../../text/answer-types.ts'
import { foldHan } from '../../text/han-folding.ts'
import type { Query } from '../search/query.ts'
import { Wording } from './common-text.ts'
import { hashTerm, lowerBound } from './passage-terms.ts'
import type { PassageTerms } from './passage-terms.ts'
import { placeNamed } from './pointers.ts'

/** Each from 0 to 1. "Covered" is the share of the question's weight · idf whose terms are there. */
export type RankFeatures = {
  /** Score of the search that found it, as a share of the best one's. */
  bm: number
  /** Covered by title, headings and text. */
  cov: number
  /** Covered by title and headings. */
  titleCov: number
  /** Covered by the best sentence. */
  sentence: number
  /** Covered by the best sentence together with title and headings. */
  sentenceOrTitle: number
  /** Covered by the best sentence, its two neighbours, title and headings. */
  win3: number
  /** Neighbouring words of the question that stand within eight words of each other, by the rarity of the pair. */
  unordered: number
  /** ln(0.3 + e^(−d/5)) + 1.21 for the least distance d of two of its words, 0 when there are no two (Tao and Zhai, SIGIR 2007). */
  minSpan: number
  /** Share of the question's figures that are there; 0.5 when it has none. */
  numbers: number
  /** Longest stretch of letters in common, as a share of the question. */
  lcs: number
  /** Share of the question's pieces of letters that are there: see `CommonText`. */
  charNgram: number
  /** The same, each piece of four letters counting by how rare it is among the passages ranked together. */
  rareNgram: number
  /** Whether a good sentence holds the kind of thing that is asked for, by how good the sentence is. */
  type: number
  /** Whether title or name of its document are what the question names: see `documentsNamed`. Set where all are ranked. */
  named: number
  /** Whether title and headings are where the question says to look: see `placeNamed`. */
  place: number
  /** Whether it is in another language than the question: one of them Chinese, the other not. */
  foreign: number
}

/** A question prepared for ranking many passages. */
export class RankedQuestion {
  readonly query: Query
  readonly #hashes: number[]
  readonly #pairs: { first: number; second: number; idf: number }[]
  readonly #pairTotal: number
  readonly #numbers: Set<number>
  readonly #wording: Wording
  readonly #types: AnswerType[]
  readonly #folded: string

  constructor(query: Query) {
    this.query = query
    const hashes = query.terms.map(({ term }) => hashTerm(term))
    this.#hashes = hashes
    this.#pairs = query.pairs.map(({ first, second, idf }) => ({
      first: hashTerm(first),
      second: hashTerm(second),
      idf,
    }))
    this.#pairTotal = query.pairs.reduce((sum, pair) => sum + pair.idf, 0) || 1
    this.#numbers = new Set(query.numbers.map(hashTerm))
    this.#wording = new Wording(query.text)
    this.#folded = foldHan(query.text)
    this.#types = answerTypes(query.text)
  }

  /** The features of a passage and its pieces of the question; `bm` is its share of the search's best score. */
  features(passage: PassageTerms, bm: number): { features: RankFeatures; pieces: number[] } {
    const { terms, total } = this.query
    const sentences = Math.max(1, passage.sentences.length)
    const weights = terms.map((term) => (term.weight * term.idf) / total)
    /** For each term, whether title and headings hold it, then whether each sentence does. */
    const held = new Uint8Array(terms.length * (sentences + 1))
    const coverage = new Float64Array(sentences)
    const places: number[][] = []
    let cov = 0
    let titleCov = 0
    let figures = 0
    for (let term = 0; term < terms.length; term++) {
      const hash = this.#hashes[term] ?? 0
      const weight = weights[term] ?? 0
      const row = term * (sentences + 1)
      const inTitle = passage.titleHashes[lowerBound(passage.titleHashes, hash)] === hash
      if (inTitle) {
        held[row] = 1
        titleCov += weight
      }
      const first = lowerBound(passage.hashes, hash)
      const inText = passage.hashes[first] === hash
      if (inTitle || inText) {
        cov += weight
        if (this.#numbers.has(hash)) figures++
      }
      const standsAt: number[] = []
      for (let at = first; at < passage.hashes.length && passage.hashes[at] === hash; at++) {
        const sentence = passage.sentenceOf[at] ?? 0
        if (held[row + 1 + sentence] === 0) {
          held[row + 1 + sentence] = 1
          coverage[sentence] = (coverage[sentence] ?? 0) + weight
        }
        const place = passage.places[at] ?? -1
        if (place >= 0) standsAt.push(place)
      }
      if (terms[term]?.weight === 1 && standsAt.length > 0) places.push(standsAt)
    }
    const best = coverage.reduce((most, value) => Math.max(most, value), 0)
    let sentenceOrTitle = 0
    let win3 = 0
    for (let sentence = 0; sentence < sentences; sentence++) {
      if ((coverage[sentence] ?? 0) < best * 0.3) continue
      const from = Math.max(0, sentence - 1)
      const to = Math.min(sentences - 1, sentence + 1)
      sentenceOrTitle = Math.max(sentenceOrTitle, covered(held, weights, sentences, sentence, sentence))
      win3 = Math.max(win3, covered(held, weights, sentences, from, to))
    }
    const common = this.#wording.compare(passage.letters)
    const distance = leastDistance(places)
    const features: RankFeatures = {
      bm,
      cov: Math.min(1, cov),
      titleCov: Math.min(1, titleCov),
      sentence: Math.min(1, best),
      sentenceOrTitle: Math.min(1, sentenceOrTitle),
      win3: Math.min(1, win3),
      unordered: this.#pairsNear(passage),
      minSpan: distance === Infinity ? 0 : Math.log(0.3 + Math.exp(-distance / 5)) + 1.21,
      numbers: this.#numbers.size === 0 ? 0.5 : figures / this.#numbers.size,
      lcs: common.longest,
      charNgram: common.pieces,
      rareNgram: common.pieces,
      type: this.#typeIn(passage, coverage, best),
      named: 0,
      place: placeNamed(this.query, passage),
      foreign: passage.chinese === this.#wording.chinese ? 0 : 1,
    }
    return { features, pieces: common.which }
  }

  /**
   * Sets `rareNgram` of passages that are ranked together. Chinese pieces are two characters, which search has weighed
   * by rarity already; weighing them again makes the ranking of Chinese a little worse, that of English better.
   */
  weighPieces(candidates: readonly { features: RankFeatures; pieces: readonly number[] }[]): void {
    if (this.#wording.chinese) return
    const holding = new Uint32Array(this.#wording.pieceNumbers)
    for (const { pieces } of candidates) for (const piece of pieces) holding[piece] = (holding[piece] ?? 0) + 1
    const all = candidates.length
    let total = 0
    const weights = Float64Array.from(holding, (count, piece) => {
      const rarity = Math.log(1 + (all - count + 0.5) / (count + 0.5))
      const weight = count === 0 ? 0 : this.#wording.timesAsked(piece) * rarity
      total += weight
      return weight
    })
    if (total === 0) return
    for (const { features, pieces } of candidates) {
      features.rareNgram = pieces.reduce((sum, piece) => sum + (weights[piece] ?? 0), 0) / total
    }
  }

  #pairsNear(passage: PassageTerms): number {
    let sum = 0
    for (const { first, second, idf } of this.#pairs) {
      const near = pairsWithin(placesOf(passage, first), placesOf(passage, second), 8)
      sum += (idf * near) / (near + 1)
    }
    return sum / this.#pairTotal
  }

  #typeIn(passage: PassageTerms, coverage: Float64Array, best: number): number {
    if (this.#types.length === 0 || best === 0) return 0
    let most = 0
    for (const [index, { start, end }] of passage.sentences.entries()) {
      const value = coverage[index] ?? 0
      if (value < best * 0.6 || value <= most) continue
      const sentence = foldHan(passage.text.slice(start, end))
      most = Math.max(most, value * typeScore(this.#types, this.#folded, sentence))
    }
    return most
  }
}

/** Covered by title and the sentences `from` to `to`. */
function covered(held: Uint8Array, weights: number[], sentences: number, from: number, to: number): number {
  let sum = 0
  for (let term = 0; term < weights.length; term++) {
    const row = term * (sentences + 1)
    let found = held[row] === 1
    for (let sentence = from; sentence <= to && !found; sentence++) found = held[row + 1 + sentence] === 1
    if (found) sum += weights[term] ?? 0
  }
  return sum
}

function placesOf(passage: PassageTerms, hash: number): number[] {
  const places: number[] = []
  for (let at = lowerBound(passage.hashes, hash); at < passage.hashes.length && passage.hashes[at] === hash; at++) {
    const place = passage.places[at] ?? -1
    if (place >= 0) places.push(place)
  }
  return places
}

/** How many pairs of one place from each list are at most `most` words apart. */
function pairsWithin(first: number[], second: number[], most: number): number {
  let count = 0
  for (const left of first) {
    for (const right of second) {
      const distance = Math.abs(left - right)
      if (distance > 0 && distance <= most) count++
    }
  }
  return count
}

/** The least distance of two places from different lists. */
function leastDistance(lists: number[][]): number {
  const all: { place: number; list: number }[] = []
  lists.forEach((places, list) => {
    for (const place of places) all.push({ place, list })
  })
  all.sort((left, right) => left.place - right.place)
  let least = Infinity
  for (let index = 1; index < all.length; index++) {
    const left = all[index - 1]
    const right = all[index]
    if (left && right && left.list !== right.list) least = Math.min(least, right.place - left.place)
  }
  return least
}
