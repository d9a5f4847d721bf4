// The readers: any number of threads that answer from a snapshot of the database, never in the way of the writer.

import type { Plain } from '../../core/plain.ts'
import type { Filter } from '../../core/question.ts'
import type { Station } from '../../core/station.ts'
import type { WeightedTerm } from '../store.ts'
import { getAnswer } from './answer-commands.ts'
import { copyDatabase } from './backup.ts'
import type { CommandOf, ReadContext } from './context.ts'
import {
  collections,
  documentBlocks,
  documentText,
  getDocument,
  listDocuments,
  readDocument,
  referencedBlobs,
  totals,
} from './document-reads.ts'
import { withoutVectors } from './generations.ts'
import { openThread, releaseThread } from './index.ts'
import { explainJob, getJob, listJobs, nextDue } from './job-reads.ts'
import { countKeys, findKey, listKeys } from './key-commands.ts'
import { spent } from './ledger-commands.ts'
import { passagePlaces } from './passage-places.ts'
import { generationStatus } from './reindexing.ts'
import type { SearchIndex } from './search-index.ts'
import { readSession } from './session-commands.ts'
import { listSessions } from './session-list.ts'
import { listToolSettings } from './tool-setting-commands.ts'

interface IndexContext extends ReadContext {
  readonly index: SearchIndex
}

/** Every command that only reads. */
export const reads = {
  getDocument,
  listDocuments,
  collections,
  documentText,
  documentBlocks,
  readDocument,
  passagePlaces,
  totals,
  referencedBlobs,
  withoutVectors,
  generationStatus,
  getJob,
  listJobs,
  explainJob,
  nextDue,
  readSession,
  listSessions,
  getAnswer,
  listKeys,
  findKey,
  countKeys,
  spent,
  listToolSettings,
  copyDatabase,
  statistics: ({ index }: IndexContext, input: { tenant: string; terms: string[] }) =>
    index.statistics(input.tenant, input.terms),
  similar: ({ index }: IndexContext, input: { tenant: string; term: string }) =>
    index.similar(input.tenant, input.term),
  keyword: ({ index }: IndexContext, input: { tenant: string; terms: WeightedTerm[]; filter: Filter; k: number }) =>
    index.keyword(input.tenant, input.terms, input.filter, input.k),
  vector: (
    { index }: IndexContext,
    input: { tenant: string; generation: string; vector: Float32Array; filter: Filter; k: number },
  ) => index.vector(input.tenant, input.generation, input.vector, input.filter, input.k),
  passages: ({ index }: IndexContext, input: { tenant: string; rowIds: number[] }) =>
    index.passages(input.tenant, input.rowIds),
  passagesById: ({ index }: IndexContext, input: { tenant: string; ids: string[] }) =>
    index.passagesById(input.tenant, input.ids),
}

export type ReadCommand = CommandOf<typeof reads>
export interface ReadReply {
  value: unknown
}

export interface ReaderOptions {
  readonly [key: string]: Plain
  /** The data directory. */
  readonly path: string
}

/** Opens a reader. The writer must have opened the data directory before. */
export function open(options: ReaderOptions, shared?: object): Station<ReadCommand, ReadReply> & Disposable {
  const context: IndexContext = openThread(options.path, shared)
  return {
    name: 'store-reader',
    async *run(command) {
      const handler = reads[command.kind] as (context: IndexContext, input: unknown) => unknown
      yield { value: await handler(context, command.input) }
    },
    [Symbol.dispose]() {
      releaseThread(options.path)
    },
  }
}
