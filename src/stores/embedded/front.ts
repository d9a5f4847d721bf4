// The near side of the stores: the contracts' methods, each one command to the writer or a reader.

import { AndonError } from '../../core/errors.ts'
import type { JobStore, Library, SessionStore } from '../store.ts'
import type { Read, Write } from './open.ts'

/** Library, jobs and sessions over the two stations. */
export function frontOf(write: Write, read: Read): { library: Library; jobs: JobStore; sessions: SessionStore } {
  return { library: libraryOf(write, read), jobs: jobsOf(write, read), sessions: sessionsOf(write, read) }
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
    stage: (tenant, documentId, jobId, fence, passages) =>
      write('stage', { tenant, documentId, jobId, fence, passages }),
    publish: (publication) => write('publish', publication),
    setStatus: (tenant, id, status, reason) => write('setStatus', { tenant, id, status, reason }),
    remove: (tenant, id, options = {}) => write('remove', { tenant, id, now: options.now ?? false }),
    restore: (tenant, id) => write('restore', { tenant, id }),
    describe: missing,
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
    read: (tenant, id) => read('readSession', { tenant, id }),
    append: (tenant, id, version, turns) => write('appendTurns', { tenant, id, version, turns }),
    list: (tenant, limit) => read('listSessions', { tenant, limit }),
    rename: missing,
    restore: missing,
    purge: missing,
    remove: (tenant, id) => write('removeSession', { tenant, id }),
  }
}

/** Not built yet. */
async function missing(): Promise<never> {
  throw new AndonError('unsupported', 'Not built yet')
}
