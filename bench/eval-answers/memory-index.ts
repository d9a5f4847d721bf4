// A passage index in memory, exact and without a database, so that answers can be measured apart from storage. Its BM25
// is that of SQLite's FTS5: title counted twice, k1 1.2, b 0.75.

import type { PreparedPassage } from '../../src/core/document.ts'
import type { Found, Passage } from '../../src/core/question.ts'
import { plainQuery } from '../../src/stations/search/query.ts'
import type { Query } from '../../src/stations/search/query.ts'

interface Row {
  passage: Passage
  length: number
}

/** A document to put in. */
export interface IndexedDocument {
  id: string
  title: string
  passages: PreparedPassage[]
}

export class MemoryIndex {
  readonly #rows: Row[] = []
  readonly #postings = new Map<string, Map<number, number>>()
  #length = 0

  add(document: IndexedDocument): void {
    for (const prepared of document.passages) {
      const row = this.#rows.length
      const { headings, kind, ordinal, start, end, text } = prepared
      this.#rows.push({
        length: prepared.length,
        passage: {
          id: `${document.id}.1.${ordinal}`,
          documentId: document.id,
          documentName: document.id,
          title: document.title,
          collection: 'default',
          headings,
          kind,
          ordinal,
          start,
          end,
          text,
          ...(prepared.prefix === undefined ? {} : { prefix: prepared.prefix }),
        },
      })
      this.#length += prepared.length
      this.#count(prepared.titleTerms, row, 2)
      this.#count(prepared.bodyTerms, row, 1)
    }
  }

  get size(): number {
    return this.#rows.length
  }

  /** The query as search would make it, without typo repair. */
  query(text: string): Query {
    const frequencies = new Map(Array.from(this.#postings, ([term, posting]) => [term, posting.size]))
    return plainQuery(text, { passages: this.#rows.length, averageLength: this.#averageLength, frequencies })
  }

  /** The best `k` passages, best first, without those of `excluded` documents. */
  find(query: Query, k: number, excluded: ReadonlySet<string> = new Set()): Found[] {
    const scores = new Map<number, number>()
    const average = this.#averageLength
    for (const { term, weight } of query.terms) {
      const posting = this.#postings.get(term)
      if (!posting) continue
      const idf = Math.max(1e-6, Math.log((this.#rows.length - posting.size + 0.5) / (posting.size + 0.5)))
      for (const [row, frequency] of posting) {
        const length = this.#rows[row]?.length ?? average
        const value = (idf * frequency * 2.2) / (frequency + 1.2 * (0.25 + (0.75 * length) / average))
        scores.set(row, (scores.get(row) ?? 0) + weight * value)
      }
    }
    return [...scores]
      .flatMap(([row, score]) => {
        const passage = this.#rows[row]?.passage
        return passage && !excluded.has(passage.documentId) ? [{ passage, score, keyword: score }] : []
      })
      .sort((one, other) => other.score - one.score)
      .slice(0, k)
  }

  get #averageLength(): number {
    return this.#length / (this.#rows.length || 1)
  }

  #count(terms: string, row: number, weight: number): void {
    for (const term of terms.split(' ')) {
      if (term === '') continue
      let posting = this.#postings.get(term)
      if (!posting) this.#postings.set(term, (posting = new Map()))
      posting.set(row, (posting.get(row) ?? 0) + weight)
    }
  }
}
