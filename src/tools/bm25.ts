// BM25 over a few hundred or thousand short texts with weighted fields, in memory.

import { analyse, questionTokens } from '../text/analyse.ts'

const k1 = 1.2
const b = 0.75

/** A text and how much a term in it counts. */
export interface Field {
  text: string
  weight: number
}

/** Ranks entries for queries, in English and Chinese. */
export class Bm25<Entry> {
  readonly #documents: { entry: Entry; terms: Map<string, number>; length: number }[] = []
  readonly #frequency = new Map<string, number>()
  #totalLength = 0

  add(entry: Entry, fields: readonly Field[]): void {
    const terms = new Map<string, number>()
    let length = 0
    for (const { text, weight } of fields) {
      for (const { term } of analyse(text)) {
        terms.set(term, (terms.get(term) ?? 0) + weight)
        length += weight
      }
    }
    for (const term of terms.keys()) this.#frequency.set(term, (this.#frequency.get(term) ?? 0) + 1)
    this.#documents.push({ entry, terms, length })
    this.#totalLength += length
  }

  /** Best first, those that share a term with the query only; equal ones in the order they were added. */
  search(query: string, most: number): { entry: Entry; score: number }[] {
    const asked = new Set(questionTokens(query).map(({ term }) => term))
    const count = this.#documents.length
    const average = this.#totalLength / Math.max(1, count)
    const found: { entry: Entry; score: number }[] = []
    for (const { entry, terms, length } of this.#documents) {
      let score = 0
      for (const term of asked) {
        const times = terms.get(term)
        if (times === undefined) continue
        const having = this.#frequency.get(term) ?? 0
        const rarity = Math.log(1 + (count - having + 0.5) / (having + 0.5))
        score += (rarity * times * (k1 + 1)) / (times + k1 * (1 - b + (b * length) / average))
      }
      if (score > 0) found.push({ entry, score })
    }
    return found.sort((one, other) => other.score - one.score).slice(0, most)
  }
}
