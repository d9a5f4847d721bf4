// Opens the index for use inside a reading thread, once per thread and data directory however many stations ask.

import { join } from 'node:path'
import type { Plain } from '../../core/plain.ts'
import type { Passage } from '../../core/question.ts'
import type { PassageIndex } from '../store.ts'
import { Database } from './database.ts'
import { SearchIndex } from './search-index.ts'

/** Name of the database in a data directory. */
export const databaseName = 'andon.sqlite'

export interface OpenedThread {
  db: Database
  index: SearchIndex
}

interface Counted extends OpenedThread {
  uses: number
}

const opened = new Map<string, Counted>()

/** This thread's connection and index for a data directory. Each call needs one `release`. */
export function openThread(path: string, shared?: object): OpenedThread {
  const known = opened.get(path)
  if (known) {
    known.uses++
    return known
  }
  const db = new Database(join(path, databaseName), { readOnly: true })
  const made: Counted = { db, index: new SearchIndex(db, shared), uses: 1 }
  opened.set(path, made)
  return made
}

export function releaseThread(path: string): void {
  const known = opened.get(path)
  if (!known || --known.uses > 0) return
  opened.delete(path)
  known.index[Symbol.dispose]()
}

export interface IndexOptions {
  readonly [key: string]: Plain
  /** The data directory. */
  readonly path: string
}

/** The index, answering in this thread. Dispose it when it is not needed any more. */
export async function openIndex(options: IndexOptions, shared?: object): Promise<PassageIndex & Disposable> {
  const { path } = options
  const { index } = openThread(path, shared)
  let released = false
  return {
    statistics: async (tenant, terms) => index.statistics(tenant, terms),
    similar: async (tenant, term) => index.similar(tenant, term),
    keyword: async (tenant, terms, filter, k) => index.keyword(tenant, terms, filter, k),
    vector: async (tenant, generation, vector, filter, k) => index.vector(tenant, generation, vector, filter, k),
    passages: async (tenant, rowIds): Promise<(Passage & { rowId: number })[]> => index.passages(tenant, rowIds),
    passagesById: async (tenant, ids) => index.passagesById(tenant, ids),
    [Symbol.dispose]() {
      if (!released) releaseThread(path)
      released = true
    },
  }
}
