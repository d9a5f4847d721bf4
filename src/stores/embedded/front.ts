// The near side of the stores: the contracts' methods, each one command to the writer or a reader.

import type {
  AnswerStore,
  JobStore,
  KeyStore,
  Ledger,
  Library,
  SessionStore,
  Stores,
  ToolSettingStore,
} from '../store.ts'
import type { Read, Write } from './open.ts'

/** What is kept in the database, over the two stations. */
export function frontOf(write: Write, read: Read): Omit<Stores, 'blobs' | 'index' | keyof AsyncDisposable> {
  return {
    library: libraryOf(write, read),
    jobs: jobsOf(write, read),
    sessions: sessionsOf(write, read),
    answers: answersOf(write, read),
    keys: keysOf(write, read),
    ledger: ledgerOf(write, read),
    toolSettings: toolSettingsOf(write, read),
  }
}

function libraryOf(write: Write, read: Read): Library {
  let wanted: string | undefined
  return {
    accept: (input) => write('accept', input),
    get: (tenant, id) => read('getDocument', { tenant, id }),
    list: (tenant, query = {}) => read('listDocuments', { tenant, query }),
    collections: (tenant) => read('collections', { tenant }),
    text: (tenant, id, span) => read('documentText', { tenant, id, span }),
    blocks: (tenant, id) => read('documentBlocks', { tenant, id }),
    read: (tenant, id, span) => read('readDocument', { tenant, id, span }),
    places: (tenant, passages) => read('passagePlaces', { tenant, passages }),
    stage: (tenant, documentId, jobId, fence, passages) =>
      write('stage', { tenant, documentId, jobId, fence, passages }),
    publish: (publication) => write('publish', publication),
    setStatus: (tenant, id, status, reason) => write('setStatus', { tenant, id, status, reason }),
    remove: (tenant, id, options = {}) => write('remove', { tenant, id, now: options.now ?? false }),
    restore: (tenant, id, quota) => write('restore', { tenant, id, quota }),
    describe: (tenant, id, change) => write('describe', { tenant, id, change }),
    purge: (before) => write('purge', { before }),
    async withoutVectors(generation, limit) {
      // Whoever asks for this generation wants it: what lacks it counts as missing from now on.
      if (wanted !== generation) await write('wantGeneration', { generation })
      wanted = generation
      return read('withoutVectors', { generation, limit })
    },
    putVectors: (generation, vectors) => write('putVectors', { generation, vectors }),
    totals: (tenant) => read('totals', { tenant }),
  }
}

function jobsOf(write: Write, read: Read): JobStore {
  return {
    enqueue: (input) => write('enqueue', input),
    claim: (options) => write('claim', options),
    renew: (id, fence, leaseMs) => write('renew', { id, fence, leaseMs }),
    progress: (id, fence, stage, done, total) => write('progress', { id, fence, stage, done, total }),
    finish: (id, fence) => write('finish', { id, fence }),
    fail: (id, fence, error, next) => write('fail', { id, fence, error, next }),
    cancel: (tenant, id) => write('cancel', { tenant, id }),
    retry: (tenant, id) => write('retry', { tenant, id }),
    get: (tenant, id) => read('getJob', { tenant, id }),
    list: (tenant, query = {}) => read('listJobs', { tenant, query }),
    explain: (tenant, id) => read('explainJob', { tenant, id, now: Date.now() }),
    nextDue: () => read('nextDue', null),
  }
}

function sessionsOf(write: Write, read: Read): SessionStore {
  return {
    read: (tenant, id, options = {}) => read('readSession', { tenant, id, latest: options.latest }),
    append: (tenant, id, version, turns) => write('appendTurns', { tenant, id, version, turns }),
    keepRecap: (tenant, id, version, recap) => write('keepRecap', { tenant, id, version, recap }),
    list: (tenant, limit, query = {}) => read('listSessions', { tenant, limit, query }),
    rename: (tenant, id, title) => write('renameSession', { tenant, id, title }),
    remove: (tenant, id, options = {}) => write('removeSession', { tenant, id, now: options.now ?? false }),
    restore: (tenant, id) => write('restoreSession', { tenant, id }),
    purge: (before) => write('purgeSessions', { before }),
  }
}

function answersOf(write: Write, read: Read): AnswerStore {
  return {
    begin: (tenant, record) => write('beginAnswer', { tenant, record }),
    end: (tenant, record) => write('endAnswer', { tenant, record }),
    get: (tenant, id) => read('getAnswer', { tenant, id }),
    interruptAll: () => write('interruptAnswers', null),
    forgetSession: (tenant, sessionId) => write('forgetAnswers', { tenant, sessionId }),
    async purge(before) {
      for (let purged = 0; ;) {
        const some = await write('purgeAnswers', { before })
        purged += some.purged
        if (some.all) return purged
      }
    },
  }
}

function keysOf(write: Write, read: Read): KeyStore {
  return {
    create: (key, hash) => write('createKey', { key, hash }),
    list: (tenant) => read('listKeys', { tenant }),
    revoke: (tenant, id, at) => write('revokeKey', { tenant, id, at }),
    find: (hash) => read('findKey', { hash }),
    used: (uses) => write('usedKeys', { uses }),
    count: () => read('countKeys', null),
  }
}

function ledgerOf(write: Write, read: Read): Ledger {
  return {
    spend: (tenant, what, period, amount, limit) => write('spend', { tenant, what, period, amount, limit }),
    spent: (tenant, what, period) => read('spent', { tenant, what, period }),
    claim: (tenant, key, fingerprint, holdMs) => write('claimOnce', { tenant, key, fingerprint, holdMs }),
    settle: (tenant, key, reply, keepMs, most) => write('settleOnce', { tenant, key, reply, keepMs, most }),
    purge: (now) => write('purgeLedger', { now }),
  }
}

function toolSettingsOf(write: Write, read: Read): ToolSettingStore {
  return {
    list: (tenant) => read('listToolSettings', { tenant }),
    set: (tenant, setting) => write('setTool', { tenant, setting }),
  }
}
