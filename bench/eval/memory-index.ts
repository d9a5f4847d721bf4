// A passage index in memory, for measuring ranking without a data directory: the same FTS5 table, weights and terms as
// the embedded store, one tenant.

import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import type { PreparedPassage } from '../../src/core/document.ts'
import type { Passage } from '../../src/core/question.ts'
import type { Hit, PassageIndex, TermStatistics, WeightedTerm } from '../../src/stores/store.ts'
import { SimilarWords } from '../../src/text/similar-words.ts'

export class MemoryIndex implements PassageIndex {
  readonly #database = new DatabaseSync(':memory:')
  readonly #insert: StatementSync
  readonly #match: StatementSync
  readonly #frequency: StatementSync
  readonly #frequencies = new Map<string, number>()
  readonly #passages: Passage[] = []
  #vocabulary: SimilarWords | undefined
  #terms = 0

  constructor() {
    this.#database.exec(`
      create virtual table passages using fts5(title, body, content='', tokenize="ascii tokenchars '._''-'");
      create virtual table terms using fts5vocab(passages, 'row')`)
    this.#insert = this.#database.prepare('insert into passages(rowid, title, body) values (?, ?, ?)')
    this.#match = this.#database.prepare(
      'select rowid as rowId, bm25(passages, 2, 1) as score from passages where passages match ? order by score limit ?',
    )
    this.#frequency = this.#database.prepare('select doc from terms where term = ?')
  }

  get size(): number {
    return this.#passages.length
  }

  add(documentId: string, title: string, prepared: PreparedPassage[]): void {
    this.#database.exec('begin')
    for (const { titleTerms, bodyTerms, length, ...rest } of prepared) {
      this.#passages.push({
        ...rest,
        id: `${documentId}.1.${rest.ordinal}`,
        documentId,
        documentName: documentId,
        title,
        collection: 'default',
      })
      this.#insert.run(this.#passages.length, titleTerms, bodyTerms)
      this.#terms += length
    }
    this.#database.exec('commit')
  }

  /** Call once after the last `add`. */
  finish(): void {
    this.#database.exec("insert into passages(passages) values ('optimize')")
  }

  async statistics(_tenant: string, terms: string[]): Promise<TermStatistics> {
    const frequencies = new Map<string, number>()
    for (const term of terms) {
      let known = this.#frequencies.get(term)
      if (known === undefined) {
        const row = this.#frequency.get(term)
        known = Number(row?.['doc'] ?? 0)
        this.#frequencies.set(term, known)
      }
      if (known > 0) frequencies.set(term, known)
    }
    return { passages: this.size, averageLength: this.#terms / Math.max(1, this.size), frequencies }
  }

  async similar(_tenant: string, term: string): Promise<string[]> {
    if (this.#vocabulary === undefined) {
      this.#vocabulary = new SimilarWords()
      for (const { term: word } of this.#database.prepare('select term from terms').all()) {
        if (typeof word === 'string' && /^[a-z]{3,40}$/.test(word)) this.#vocabulary.add(word)
      }
    }
    return this.#vocabulary.find(term)
  }

  async keyword(_tenant: string, terms: WeightedTerm[], _filter: object, k: number): Promise<Hit[]> {
    const query = terms
      .flatMap(({ term, weight }) => (weight >= 0.7 ? [`"${term}"`, `"${term}"`] : [`"${term}"`]))
      .join(' OR ')
    return this.#match.all(query, k).map((row) => ({ rowId: Number(row['rowId']), score: -Number(row['score']) / 2 }))
  }

  async vector(): Promise<Hit[]> {
    return []
  }

  async passages(_tenant: string, rowIds: number[]): Promise<(Passage & { rowId: number })[]> {
    return rowIds.flatMap((rowId) => {
      const passage = this.#passages[rowId - 1]
      return passage === undefined ? [] : [{ ...passage, rowId }]
    })
  }

  async passagesById(_tenant: string, ids: string[]): Promise<Passage[]> {
    return this.#passages.filter((passage) => ids.includes(passage.id))
  }
}
