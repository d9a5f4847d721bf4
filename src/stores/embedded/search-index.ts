// The index as one reading thread has it: BM25 over the tenant's own terms, its vocabulary, and the exact vector scan.

import { AndonError } from '../../core/errors.ts'
import type { Filter, Passage } from '../../core/question.ts'
import type { Hit, TermStatistics, WeightedTerm } from '../store.ts'
import { SimilarWords } from '../../text/similar-words.ts'
import { Database } from './database.ts'
import type { GenerationRow } from './generations.ts'
import { passageAt, rowOfPassage } from './passage-rows.ts'
import { allows, Scopes } from './scope.ts'
import type { Scope } from './scope.ts'
import { currentSpace } from './spaces.ts'
import { tenantNumber } from './tenants.ts'
import { cosine } from './vectors/quantise.ts'
import { VectorScanner } from './vectors/scan.ts'

/** A term of at least this weight counts whole, any other half: what FTS5 can express. */
const wholeWeight = 0.7
/** Vocabularies that one thread keeps in memory. */
const mostVocabularies = 32
/** Rows that the int8 scan hands to the exact comparison, for each row asked for, and at least. */
const candidatesPerHit = 2
const fewestCandidates = 50

interface Vocabulary {
  words: SimilarWords
  last: number
}

/** {@link PassageIndex} without promises: everything is answered at once, in this thread. */
export class SearchIndex implements Disposable {
  readonly #db: Database
  readonly #scopes: Scopes
  readonly #scanner: VectorScanner | undefined
  readonly #vocabularies = new Map<number, Vocabulary>()

  constructor(db: Database, shared: object | undefined) {
    this.#db = db
    this.#scopes = new Scopes(db)
    this.#scanner = shared && new VectorScanner(shared)
  }

  statistics(tenant: string, terms: string[]): TermStatistics {
    return this.#db.snapshot(() => {
      const frequencies = new Map<string, number>()
      const space = this.#space(tenant)
      if (!space) return { passages: 0, averageLength: 0, frequencies }
      for (const term of terms) {
        const passages = this.#frequency(space.number, term)
        if (passages > 0) frequencies.set(term, passages)
      }
      return { passages: space.passages, averageLength: space.terms / Math.max(1, space.passages), frequencies }
    })
  }

  similar(tenant: string, term: string): string[] {
    return this.#db.snapshot(() => {
      const space = this.#space(tenant)
      if (!space || term.length > 100) return []
      const vocabulary = this.#vocabulary(space.number)
      return vocabulary.words.find(term, (word) => this.#frequency(space.number, word) > 0)
    })
  }

  keyword(tenant: string, terms: WeightedTerm[], filter: Filter, k: number): Hit[] {
    const { match, factor } = matchOf(terms)
    if (match === '') return []
    return this.#db.snapshot(() => {
      const space = this.#space(tenant)
      if (!space) return []
      const scope = this.#scopes.of(space.tenant, filter)
      if (scope.kind === 'some' && scope.editions.size === 0) return []
      const { condition, values } = conditionOf(scope)
      return this.#db
        .all<{ row: number; score: number }>(
          `SELECT rowid AS row, bm25(terms_${space.number}, 2.0, 1.0) AS score FROM terms_${space.number}
           WHERE terms_${space.number} MATCH ? ${condition} ORDER BY score, row LIMIT ?`,
          match,
          ...values,
          k,
        )
        .map(({ row, score }) => ({ rowId: row, score: -score * factor }))
    })
  }

  vector(tenant: string, generation: string, vector: Float32Array, filter: Filter, k: number): Hit[] {
    const scanner = this.#scanner
    if (!scanner) {
      throw new AndonError('unsupported', 'Vectors can only be searched in threads that share memory with the writer')
    }
    return this.#db.snapshot(() => {
      const number = tenantNumber(this.#db, tenant)
      const known = this.#db.get<GenerationRow>('SELECT * FROM generations WHERE name = ?', generation)
      if (number === undefined || !known || known.dimensions === null || k < 1) return []
      if (known.dimensions !== vector.length) {
        throw new AndonError(
          'invalid',
          `The question's vector has ${vector.length} dimensions, those of ${generation} have ${known.dimensions}: they come from different embedders`,
        )
      }
      const scope = this.#scopes.of(number, filter)
      const allowed = (row: number): boolean => allows(scope, row)
      // Rows that went between the writer's commit and its mark in memory are found but not there any more: ask on.
      for (let limit = Math.max(fewestCandidates, candidatesPerHit * k); ; limit *= 4) {
        const candidates = scanner.scan(number, known.number, vector, limit, allowed)
        const hits = this.#rescore(known.number, candidates.rows, vector)
        if (hits.length >= k || !candidates.more) return hits.slice(0, k)
      }
    })
  }

  passages(tenant: string, rowIds: number[]): (Passage & { rowId: number })[] {
    return this.#db.snapshot(() => {
      const number = tenantNumber(this.#db, tenant)
      if (number === undefined) return []
      return rowIds.flatMap((row) => passageAt(this.#db, number, row) ?? [])
    })
  }

  passagesById(tenant: string, ids: string[]): Passage[] {
    return this.#db.snapshot(() => {
      const number = tenantNumber(this.#db, tenant)
      if (number === undefined) return []
      return ids.flatMap((id) => {
        const row = rowOfPassage(this.#db, number, id)
        const found = row === undefined ? undefined : passageAt(this.#db, number, row)
        if (!found) return []
        const { rowId: _, ...passage } = found
        return [passage]
      })
    })
  }

  [Symbol.dispose](): void {
    this.#vocabularies.clear()
    this.#db[Symbol.dispose]()
  }

  #space(tenant: string) {
    const number = tenantNumber(this.#db, tenant)
    return number === undefined ? undefined : currentSpace(this.#db, number)
  }

  #frequency(space: number, term: string): number {
    return this.#db.get<{ doc: number }>(`SELECT doc FROM frequencies_${space} WHERE term = ?`, term)?.doc ?? 0
  }

  /** The tenant's words, with those that came since the last look. */
  #vocabulary(space: number): Vocabulary {
    const known = this.#vocabularies.get(space) ?? { words: new SimilarWords(), last: 0 }
    this.#vocabularies.delete(space)
    this.#vocabularies.set(space, known)
    for (const { number, word } of this.#db.each<{ number: number; word: string }>(
      `SELECT number, word FROM words_${space} WHERE number > ? ORDER BY number`,
      known.last,
    )) {
      known.words.add(word)
      known.last = number
    }
    if (this.#vocabularies.size > mostVocabularies) {
      for (const oldest of this.#vocabularies.keys()) {
        this.#vocabularies.delete(oldest)
        break
      }
    }
    return known
  }

  #rescore(generation: number, rows: number[], vector: Float32Array): Hit[] {
    const hits: Hit[] = []
    for (const rowId of rows) {
      const stored = this.#db.get<{ data: Uint8Array }>(`SELECT data FROM vectors_${generation} WHERE row = ?`, rowId)
      if (stored) hits.push({ rowId, score: cosine(vector, floatsOf(stored.data)) })
    }
    return hits.sort((a, b) => b.score - a.score || a.rowId - b.rowId)
  }
}

/**
 * The FTS5 expression for terms, each quoted, and by what its scores are to be multiplied. A term twice counts double,
 * which costs twice; so it is done only where some of the terms count half.
 */
function matchOf(terms: WeightedTerm[]): { match: string; factor: number } {
  const clean = terms
    .map(({ term, weight }) => ({ term: term.replaceAll('\0', '').trim(), whole: weight >= wholeWeight }))
    .filter(({ term }) => term !== '')
  const mixed = clean.some(({ whole }) => whole) && clean.some(({ whole }) => !whole)
  const match = clean
    .flatMap(({ term, whole }) => {
      const quoted = `"${term.replaceAll('"', '""')}"`
      return mixed && whole ? [quoted, quoted] : [quoted]
    })
    .join(' OR ')
  return { match, factor: mixed || !clean.some(({ whole }) => whole) ? 0.5 : 1 }
}

/** What FTS5 checks before it scores a row. */
function conditionOf(scope: Scope): { condition: string; values: (string | number)[] } {
  if (scope.kind === 'all') {
    if (scope.hidden.size === 0) return { condition: '', values: [] }
    return {
      condition: 'AND (rowid >> 20) NOT IN (SELECT value FROM json_each(?))',
      values: [JSON.stringify([...scope.hidden])],
    }
  }
  let first = Infinity
  let last = 0
  for (const edition of scope.editions) {
    first = Math.min(first, edition)
    last = Math.max(last, edition)
  }
  return {
    condition:
      'AND rowid BETWEEN (? << 20) AND ((? << 20) | 1048575) AND (rowid >> 20) IN (SELECT value FROM json_each(?))',
    values: [first, last, JSON.stringify([...scope.editions])],
  }
}

function floatsOf(data: Uint8Array): Float32Array {
  return data.byteOffset % 4 === 0
    ? new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4)
    : new Float32Array(data.slice().buffer)
}
