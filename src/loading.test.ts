// What follows a failed loading: whose fault it was decides.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openCall } from './core/call.ts'
import { AndonError } from './core/errors.ts'
import type { DocumentInfo } from './core/document.ts'
import { afterFailure, load } from './loading.ts'
import type { BlobStore, Job, Lease, Library } from './stores/store.ts'

function leaseOf(attempts: number): Lease {
  const job: Job = {
    id: 'job_1',
    tenant: 'ours',
    kind: 'load',
    documentId: 'doc_1',
    state: 'running',
    stage: '',
    progress: { done: 0, total: 0 },
    attempts,
    maxAttempts: 3,
    runAt: 0,
    createdAt: 0,
  }
  return { job, fence: 1, input: {} }
}

/** What follows when every call of the parser fails with this error, and how often the parser was called. */
async function afterParserFailed(error: AndonError): Promise<ReturnType<typeof afterFailure> & { calls: number }> {
  let calls = 0
  const parts: Parameters<typeof load>[3] = {
    library: {
      get: async () => ({ name: 'a.txt', status: 'loading', hash: 'h', mediaType: 'text/plain' }) as DocumentInfo,
    } as Partial<Library> as Library,
    blobs: { path: () => '/nowhere' } as Partial<BlobStore> as BlobStore,
    parse: {
      name: 'parse',
      run() {
        calls++
        throw error
      },
    },
    prepare: { name: 'prepare', async *run() {} },
    attempts: 3,
  }
  using call = openCall({ tenant: 'ours' })
  try {
    await load(leaseOf(1), call, () => {}, parts)
  } catch (reason) {
    return { ...afterFailure(AndonError.from(reason), leaseOf(1), 3), calls }
  }
  throw new Error('Loading succeeded')
}

test('a document whose parser dies each time is set aside, with the reason', async () => {
  const died = new AndonError('unavailable', 'It is gone', { detail: { reason: 'memory' } })
  const { calls, dead, document } = await afterParserFailed(died)
  assert.equal(calls, 3)
  assert.equal(dead, true)
  assert.equal(document?.status, 'quarantined')
  assert.match(document?.reason ?? '', /more memory than a parser may have, 3 times/)
})

test('a document is not blamed for a pool that rests because its processes do not start', async () => {
  const resting = new AndonError('unavailable', 'No parser can be started', {
    retryAfterMs: 5_000,
    detail: { reason: 'crash' },
  })
  const { calls, counts, dead, retryAt = 0 } = await afterParserFailed(resting)
  assert.equal(calls, 1)
  assert.equal(dead, undefined)
  assert.equal(counts, false)
  assert.ok(retryAt >= Date.now() + 4_000)
})

test('a document is not blamed for a parser that was killed because of another one', async () => {
  const killed = new AndonError('unavailable', 'It is gone', { detail: { reason: 'killed-neighbour' } })
  assert.equal((await afterParserFailed(killed)).document, undefined)
})

test('a full disk is waited for, however often', () => {
  const full = new AndonError('overloaded', 'The disk is full', { retryAfterMs: 10_000 })
  const { counts, dead, retryAt } = afterFailure(full, leaseOf(3), 3)
  assert.deepEqual([counts, dead], [false, undefined])
  assert.ok(retryAt !== undefined)
})

test('a document that takes too long is tried as often as the options say, then set aside', () => {
  const slow = new AndonError('deadline', 'It took too long')
  assert.equal(afterFailure(slow, leaseOf(3), 5).dead, undefined)
  assert.equal(afterFailure(slow, leaseOf(5), 5).document?.status, 'quarantined')
})

test('a fault of ours is tried as often as the options say', () => {
  const fault = new AndonError('internal', 'A bug')
  assert.notEqual(afterFailure(fault, leaseOf(1), 2).retryAt, undefined)
  const { dead, document } = afterFailure(fault, leaseOf(2), 2)
  assert.deepEqual([dead, document], [true, { status: 'failed', reason: 'A bug (after 2 attempts)' }])
})
