// The writer: the one thread that changes the database and the shared vectors.

import { join } from 'node:path'
import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import type { Station } from '../../core/station.ts'
import { accept } from './accepting.ts'
import { beginAnswer, endAnswer, forgetAnswers, interruptAnswers, purgeAnswers } from './answer-commands.ts'
import { claim, releaseLeases } from './claiming.ts'
import type { CommandOf, WriteContext } from './context.ts'
import { Database } from './database.ts'
import { describe } from './describing.ts'
import { keepGeneration, putVectors, wantGeneration } from './generations.ts'
import { GroupCommit } from './group-commit.ts'
import { databaseName } from './index.ts'
import { cancel, enqueue, fail, finish, retry } from './job-changes.ts'
import { progress, renew } from './job-leases.ts'
import { createKey, revokeKey, usedKeys } from './key-commands.ts'
import { claimOnce, purgeLedger, releaseClaims, settleOnce, spend } from './ledger-commands.ts'
import { migrate } from './migrations/migrate.ts'
import { publish, stage } from './publishing.ts'
import { putTerms, reindexBatch } from './reindexing.ts'
import { purge, remove, removeBlob, restore, setStatus } from './removing.ts'
import { appendTurns, purgeSessions, removeSession, renameSession, restoreSession } from './session-commands.ts'
import { keepRecap } from './session-recap.ts'
import { setTool } from './tool-setting-commands.ts'
import { loadVectors } from './vectors/load.ts'
import { KnownWords } from './vocabulary.ts'

/** Every command that changes something. */
export const writes = {
  accept,
  stage,
  publish,
  setStatus,
  remove,
  restore,
  describe,
  purge,
  removeBlob,
  wantGeneration,
  putVectors,
  keepGeneration,
  reindexBatch,
  putTerms,
  enqueue,
  claim,
  renew,
  progress,
  finish,
  fail,
  cancel,
  retry,
  appendTurns,
  keepRecap,
  renameSession,
  removeSession,
  restoreSession,
  purgeSessions,
  beginAnswer,
  endAnswer,
  interruptAnswers,
  forgetAnswers,
  purgeAnswers,
  createKey,
  revokeKey,
  usedKeys,
  spend,
  claimOnce,
  settleOnce,
  purgeLedger,
  setTool,
}

export type WriteCommand = CommandOf<typeof writes>
export interface WriteReply {
  value: unknown
}

/** Commands that can take long, and that nobody waits for at a door. */
const heavy = new Set<WriteCommand['kind']>([
  'stage',
  'publish',
  'putVectors',
  'putTerms',
  'reindexBatch',
  'purge',
  'purgeSessions',
  'purgeAnswers',
])

export interface WriterOptions {
  readonly [key: string]: Plain
  /** The data directory. */
  readonly path: string
  /** Most pages of 4 KiB the database may have. Default: what the disk has room for. */
  readonly maximumPages?: number
}

/** Folder of the blobs in a data directory. */
export const blobFolder = 'blobs'

/** Opens the database, brings its schema up to date and loads the vectors into the shared memory. */
export function open(options: WriterOptions, shared?: object): Station<WriteCommand, WriteReply> & Disposable {
  const db = openDatabase(options)
  const vectors = shared && loadVectors(db, shared)
  const blobs = join(options.path, blobFolder)
  const words = new KnownWords()
  const group = new GroupCommit<WriteCommand>({
    db,
    // What can fail is memory for vectors: they are on disk, and found again once there is room for them.
    onEffectError: (reason) => process.emitWarning(AndonError.from(reason)),
    isHeavy: (command) => heavy.has(command.kind),
    execute: (command, afterCommit) => {
      const context: WriteContext = { db, blobs, vectors, words, now: Date.now(), afterCommit }
      const handler = writes[command.kind] as (context: WriteContext, input: unknown) => unknown
      return handler(context, command.input)
    },
  })
  return {
    name: 'store-writer',
    async *run(command) {
      yield { value: await group.add(command) }
    },
    [Symbol.dispose]() {
      group.close()
      db[Symbol.dispose]()
    },
  }
}

function openDatabase({ path, maximumPages }: WriterOptions): Database {
  const file = join(path, databaseName)
  const db = new Database(file)
  try {
    migrate(db)
    // FULL: what was accepted survives a power cut, not only the end of the process.
    db.exec('PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864')
    if (maximumPages !== undefined) db.exec(`PRAGMA max_page_count = ${maximumPages}`)
    releaseLeases(db)
    releaseClaims(db)
    return db
  } catch (reason) {
    db[Symbol.dispose]()
    throw reason
  }
}
