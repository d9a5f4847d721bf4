// The suite of every BlobStore: whole or not at all, named by content.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { acceptText, bytesOf } from './fixtures.ts'
import type { OpenStores } from './fixtures.ts'

export function blobContract(name: string, open: OpenStores): void {
  describe(`${name} keeps blobs`, () => {
    it('keeps bytes under their SHA-256', async () => {
      await using stores = await open()
      const pieces = ['some ', 'bytes', '']
      const { hash, size } = await stores.blobs.put(
        (async function* () {
          for (const piece of pieces) yield Buffer.from(piece)
        })(),
      )
      assert.equal(hash, createHash('sha256').update('some bytes').digest('hex'))
      assert.equal(size, 10)
      assert.equal(await stores.blobs.has(hash), true)
      assert.equal(await readFile(stores.blobs.path(hash), 'utf8'), 'some bytes')
    })

    it('keeps the same bytes once, however many put them at the same time', async () => {
      await using stores = await open()
      const put = await Promise.all(Array.from({ length: 10 }, () => stores.blobs.put(bytesOf('same'))))
      assert.equal(new Set(put.map(({ hash }) => hash)).size, 1)
      assert.equal(await readFile(stores.blobs.path(put[0]?.hash ?? ''), 'utf8'), 'same')
    })

    it('refuses more than the limit while they come, and keeps nothing', async () => {
      await using stores = await open()
      let given = 0
      const endless = async function* () {
        for (;;) {
          given++
          yield Buffer.alloc(1_000)
        }
      }
      await assert.rejects(stores.blobs.put(endless(), { limit: 5_500 }), { code: 'too-large' })
      assert.equal(given, 6)
      const hash = createHash('sha256').update(Buffer.alloc(6_000)).digest('hex')
      assert.equal(await stores.blobs.has(hash), false)
    })

    it('stops when told to, and keeps nothing of what breaks off', async () => {
      await using stores = await open()
      const controller = new AbortController()
      const cut = async function* () {
        yield Buffer.from('half')
        controller.abort()
        yield Buffer.from('whole')
      }
      await assert.rejects(stores.blobs.put(cut(), { signal: controller.signal }), { code: 'cancelled' })
      const broken = async function* () {
        yield Buffer.from('half')
        throw new Error('the network went away')
      }
      await assert.rejects(stores.blobs.put(broken()), /the network went away/)
      assert.equal(await stores.blobs.has(createHash('sha256').update('half').digest('hex')), false)
    })

    it('removes, and does not mind when there is nothing', async () => {
      await using stores = await open()
      const { hash } = await stores.blobs.put(bytesOf('short-lived'))
      assert.equal(await stores.blobs.remove(hash), true)
      assert.equal(await stores.blobs.has(hash), false)
      assert.equal(await stores.blobs.remove(hash), true)
    })

    it('keeps what was put for a document until the document is there', async () => {
      await using stores = await open()
      const { hash } = await stores.blobs.put(bytesOf('for a document'), { held: true })
      assert.equal(await stores.blobs.remove(hash), false)
      const { document } = await acceptText(stores, { name: 'a.txt', text: 'for a document' })
      await stores.library.remove('ours', document.id, { now: true })
      assert.equal(await stores.blobs.remove(hash), true)
    })

    it('keeps every document that comes while its bytes are forgotten over and over', async () => {
      await using stores = await open()
      const text = 'the same bytes'
      for (let round = 0; round < 20; round++) {
        const forgetting = stores.library.purge(0).then(async ({ orphanedBlobs }) => {
          for (const hash of orphanedBlobs) await stores.blobs.remove(hash)
        })
        const { hash, size } = await stores.blobs.put(bytesOf(text), { held: true })
        const { document } = await stores.library.accept({
          tenant: 'ours',
          collection: 'default',
          name: 'a.txt',
          mediaType: 'text/plain',
          hash,
          size,
          metadata: {},
        })
        await forgetting
        assert.equal(await stores.blobs.has(hash), true)
        await stores.library.remove('ours', document.id, { now: true })
      }
    })

    it('takes nothing for a hash that is none, so that no path can be smuggled in', async () => {
      await using stores = await open()
      assert.throws(() => stores.blobs.path('../../etc/passwd'), { code: 'invalid' })
      await assert.rejects(stores.blobs.has('../x'), { code: 'invalid' })
      await assert.rejects(stores.blobs.remove('A'.repeat(64)), { code: 'invalid' })
    })
  })
}
