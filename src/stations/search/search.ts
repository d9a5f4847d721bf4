// The station that finds passages: the question's words in the index, and its vector beside them when there is one.

import type { Plain } from '../../core/plain.ts'
import type { Filter, Found } from '../../core/question.ts'
import { throwIfOver } from '../../core/call.ts'
import type { Call, Station } from '../../core/station.ts'
import { AndonError } from '../../core/errors.ts'
import type { Hit, PassageIndex, WeightedTerm } from '../../stores/store.ts'
import { fuse } from './fuse.ts'
import { makeQuery } from './query.ts'
import type { Query } from './query.ts'

export interface SearchInput {
  text: string
  /** Other wordings of the question, from a model. */
  alternatives?: string[]
  /** The question's vector, and the index generation whose vectors it can be compared with. */
  vector?: Float32Array
  generation?: string
  filter: Filter
  /** How many passages. Default 50. */
  k?: number
}

export interface SearchOutput {
  query: Query
  /** Best first. */
  found: FoundRow[]
  mode: 'lexical' | 'hybrid'
}

/** A found passage with the store's own number of it. */
export type FoundRow = Found & { rowId: number }

/** Where the passages are: an export `(options, shared) => Promise<PassageIndex>` of a module (an absolute file URL). */
export interface IndexRecipe {
  module: string
  export: string
  options: Plain
}

/** Options of the stations that read the index. */
export interface SearchOptions {
  readonly [key: string]: Plain
  index: { module: string; export: string; options: Plain }
}

/** From this many passages on, terms that stand in more than a fifth of them are left out of the search. */
const pruneFrom = 20_000
const pruneAbove = 0.2

/** Opens the index in the thread that runs this, and gives the station that searches it. */
export async function open(options: SearchOptions, shared?: object): Promise<Search> {
  return new Search(await openIndex(options.index, shared))
}

/** Opens the index of a recipe. */
export async function openIndex(recipe: IndexRecipe, shared?: object): Promise<PassageIndex> {
  const exports: Record<string, unknown> = await import(recipe.module)
  const make = exports[recipe.export]
  if (!isIndexMaker(make)) {
    throw new AndonError(
      'internal',
      `The module ${recipe.module} has no function ${recipe.export} that opens an index: correct the recipe`,
    )
  }
  return make(recipe.options, shared)
}

type IndexMaker = (options: Plain, shared?: object) => Promise<PassageIndex>

function isIndexMaker(value: unknown): value is IndexMaker {
  return typeof value === 'function'
}

/** Finds the passages of one tenant for a question. */
export class Search implements Station<SearchInput, SearchOutput>, AsyncDisposable {
  readonly name = 'search'
  readonly #index: PassageIndex

  constructor(index: PassageIndex) {
    this.#index = index
  }

  async *run(input: SearchInput, call: Call): AsyncGenerator<SearchOutput> {
    const { k = 50, filter } = input
    const query = await makeQuery(this.#index, call.tenant, input.text, input.alternatives)
    throwIfOver(call)
    const terms = searchable(query)
    const keyword = terms.length > 0 ? await this.#index.keyword(call.tenant, terms, filter, k) : []
    throwIfOver(call)
    let vector: Hit[] = []
    if (input.vector !== undefined && input.generation !== undefined) {
      vector = await this.#index.vector(call.tenant, input.generation, input.vector, filter, k)
      throwIfOver(call)
    }
    const rows = fuse(keyword, vector, k)
    const passages = await this.#index.passages(
      call.tenant,
      rows.map((row) => row.rowId),
    )
    const scores = new Map(rows.map((row) => [row.rowId, row]))
    const found: FoundRow[] = []
    for (const { rowId, ...passage } of passages) {
      const row = scores.get(rowId)
      if (row === undefined) continue
      found.push({
        passage,
        rowId,
        score: row.score,
        ...(row.keyword === undefined ? {} : { keyword: row.keyword }),
        ...(row.vector === undefined ? {} : { vector: row.vector }),
      })
    }
    yield { query, found, mode: vector.length > 0 ? 'hybrid' : 'lexical' }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await disposeOf(this.#index)
  }
}

/**
 * The terms worth asking the index for. Leaving frequent terms out of a small collection, or one about a single thing,
 * costs up to nine points of nDCG; on a large mixed one they cost time and change little.
 */
export function searchable(query: Query): WeightedTerm[] {
  const { passages } = query.statistics
  const asked = query.terms.map(({ term, weight }) => ({ term, weight }))
  if (passages < pruneFrom) return asked
  const frequentIdf = Math.log(1 + (passages * (1 - pruneAbove) + 0.5) / (passages * pruneAbove + 0.5))
  const kept = query.terms.filter((term) => term.idf > frequentIdf)
  return kept.length >= 2 ? kept.map(({ term, weight }) => ({ term, weight })) : asked
}

/** Closes an index that can be closed. */
async function disposeOf(index: PassageIndex & Partial<AsyncDisposable & Disposable>): Promise<void> {
  await index[Symbol.asyncDispose]?.()
  index[Symbol.dispose]?.()
}
