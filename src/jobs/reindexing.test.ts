import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { AndonError } from '../core/errors.ts'
import { createPlaces } from '../places/places.ts'
import { open as openTerms } from '../stations/documents/terms.ts'
import { openEmbeddedStores } from '../stores/embedded/open.ts'
import { analyserName } from '../text/analyse.ts'
import { find, load } from '../contracts/fixtures.ts'
import { Reindexing } from './reindexing.ts'

const root = await mkdtemp(join(tmpdir(), 'andon-reindexing-'))
after(() => rm(root, { recursive: true, force: true }))

describe('reindexing', () => {
  it('gives every passage the terms of the new analyser, and lets them answer', async () => {
    await using places = createPlaces({})
    await using stores = await openEmbeddedStores({
      path: join(root, 'a'),
      places,
      writer: 'inline',
      readers: 'inline',
    })
    await load(stores, { name: 'a.txt', text: 'Threads are running\n线程在运行' })
    await load(stores, { name: 'b.txt', text: 'Running again', tenant: 'theirs' })
    assert.deepEqual(await find(stores, 'ours', 'run'), [], 'the old analyser knew no stems')
    await using reindexing = new Reindexing({
      generations: stores,
      analyser: analyserName,
      terms: openTerms(),
      batch: 1,
    })
    assert.equal(await reindexing.finished, 3)
    assert.deepEqual(await find(stores, 'ours', 'run'), ['Threads are running'])
    assert.deepEqual(await find(stores, 'ours', '线程'), ['线程在运行'])
    assert.deepEqual(await find(stores, 'theirs', 'run'), ['Running again'])
    const { analysers } = await stores.generationStatus()
    assert.deepEqual(analysers, [{ analyser: analyserName, answers: 2, building: 0 }])
    await using again = new Reindexing({ generations: stores, analyser: analyserName, terms: openTerms() })
    assert.equal(await again.finished, 0)
  })

  it('stops when it is disposed, even while the store is in trouble', async () => {
    const troubled = Promise.withResolvers<AndonError>()
    const full = () => Promise.reject(new AndonError('overloaded', 'The disk is full', { retryAfterMs: 60_000 }))
    const generations = { reindexBatch: full, putTerms: full }
    const reindexing = new Reindexing({ generations, analyser: 'x', terms: openTerms(), onError: troubled.resolve })
    assert.equal((await troubled.promise).code, 'overloaded')
    await reindexing[Symbol.asyncDispose]()
    assert.equal(await reindexing.finished, 0)
  })
})
