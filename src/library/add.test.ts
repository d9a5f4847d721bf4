// Taking documents in: what nobody waits for any more is let go of.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AndonError } from '../core/errors.ts'
import type { BlobStore, Library } from '../stores/store.ts'
import { accept, type AddingParts } from './add.ts'

/** Bytes are counted and kept nowhere. */
const parts: AddingParts = {
  blobs: {
    async put(bytes) {
      let size = 0
      for await (const chunk of bytes) size += chunk.length
      return { hash: 'h', size }
    },
  } as Partial<BlobStore> as BlobStore,
  library: {} as Library,
  maxBytes: 1_000_000,
  attempts: 3,
}

for (const [when, first] of [
  ['from the beginning', []],
  ['after some bytes', [Buffer.from('first ')]],
  ['after enough to tell what it is', [Buffer.alloc(100_000, 'words ')]],
] as const)
  test(`a source that says nothing ${when} is left as soon as its caller leaves`, async () => {
    const controller = new AbortController()
    const silent = Promise.withResolvers<void>()
    const stalled = async function* () {
      yield* first
      silent.resolve()
      await new Promise(() => {})
    }
    const adding = accept({ name: 'stdin.txt', bytes: stalled() }, 'ours', parts, controller.signal)
    await silent.promise
    controller.abort(new AndonError('cancelled', 'Enough'))
    await assert.rejects(adding, { code: 'cancelled' })
  })
