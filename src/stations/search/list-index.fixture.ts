// A passage index over a short list, scanned from end to end: for tests of what stands on an index.

import type { Passage } from '../../core/question.ts'
import { analyse } from '../../text/analyse.ts'
import { SimilarWords } from '../../text/similar-words.ts'
import type { Hit, PassageIndex, TermStatistics, WeightedTerm } from '../../stores/store.ts'

export interface ListedPassage {
  tenant?: string
  title?: string
  text: string
  vector?: number[]
}

interface Row {
  tenant: string
  passage: Passage & { rowId: number }
  terms: string[]
  vector: number[] | undefined
}

/** The maker that a search station opens: `options` is the list. */
export async function openListIndex(options: ListedPassage[]): Promise<ListIndex> {
  return new ListIndex(options)
}

export class ListIndex implements PassageIndex, Disposable {
  readonly #rows: Row[]
  /** Whether it was disposed of. */
  closed = false
  /** Terms of the last keyword search. */
  asked: WeightedTerm[] = []

  constructor(list: ListedPassage[]) {
    this.#rows = list.map(({ tenant = 'default', title = '', text, vector }, index) => ({
      tenant,
      terms: analyse(`${title}\n${text}`).map(({ term }) => term),
      vector,
      passage: {
        rowId: index + 1,
        id: `d${index}.1.0`,
        documentId: `d${index}`,
        documentName: `d${index}.md`,
        title,
        collection: 'default',
        headings: [],
        kind: 'paragraph',
        ordinal: 0,
        start: 0,
        end: text.length,
        text,
      },
    }))
  }

  async statistics(tenant: string, terms: string[]): Promise<TermStatistics> {
    const rows = this.#of(tenant)
    const frequencies = new Map<string, number>()
    for (const term of terms) {
      const holding = rows.filter((row) => row.terms.includes(term)).length
      if (holding > 0) frequencies.set(term, holding)
    }
    const total = rows.reduce((sum, row) => sum + row.terms.length, 0)
    return { passages: rows.length, averageLength: total / Math.max(1, rows.length), frequencies }
  }

  async similar(tenant: string, term: string): Promise<string[]> {
    const vocabulary = new SimilarWords()
    for (const word of new Set(this.#of(tenant).flatMap((row) => row.terms))) vocabulary.add(word)
    return vocabulary.find(term)
  }

  async keyword(tenant: string, terms: WeightedTerm[], _filter: object, k: number): Promise<Hit[]> {
    this.asked = terms
    return this.#best(tenant, k, (row) =>
      terms.reduce((sum, { term, weight }) => sum + (row.terms.includes(term) ? weight : 0), 0),
    )
  }

  async vector(tenant: string, _generation: string, vector: Float32Array, _filter: object, k: number): Promise<Hit[]> {
    return this.#best(
      tenant,
      k,
      (row) => row.vector?.reduce((sum, value, at) => sum + value * (vector[at] ?? 0), 0) ?? 0,
    )
  }

  async passages(tenant: string, rowIds: number[]): Promise<(Passage & { rowId: number })[]> {
    const rows = this.#of(tenant)
    return rowIds.flatMap((rowId) => rows.find(({ passage }) => passage.rowId === rowId)?.passage ?? [])
  }

  async passagesById(tenant: string, ids: string[]): Promise<Passage[]> {
    return this.#of(tenant).flatMap(({ passage }) => (ids.includes(passage.id) ? passage : []))
  }

  [Symbol.dispose](): void {
    this.closed = true
  }

  #of(tenant: string): Row[] {
    return this.#rows.filter((row) => row.tenant === tenant)
  }

  #best(tenant: string, k: number, score: (row: Row) => number): Hit[] {
    return this.#of(tenant)
      .map((row) => ({ rowId: row.passage.rowId, score: score(row) }))
      .filter((hit) => hit.score > 0)
      .sort((left, right) => right.score - left.score)
      .slice(0, k)
  }
}
