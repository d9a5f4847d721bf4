// What came to a factory since documents and questions travels over the control socket too: keys, conversations, what
// was done once, the bytes of documents, and vectors.

import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import type { Factory } from '../core/factory.ts'
import { createFactory } from '../factory.ts'
import { connect, serveControl } from './control.ts'

interface Ends extends AsyncDisposable {
  near: Factory
  far: Factory
}

/** A whole factory at the far end, with an embedder of its own. */
async function bothEnds(): Promise<Ends> {
  const stack = new AsyncDisposableStack()
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'andon-control-')))
  const embedder = {
    id: 'lengths',
    embed: async (texts: string[]) => texts.map((text) => Float32Array.of(text.length, 0.5)),
  }
  const far = stack.use(await createFactory({ dataDir: folder.path, handbook: false }, { embedder }))
  stack.use(await serveControl(far, folder.path))
  const near = stack.use((await connect(folder.path)) ?? assert.fail('nobody answers'))
  return { near, far, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

const caller = { tenant: 'acme' }
let ends: Ends
let near: Factory
let far: Factory
before(async () => ({ near, far } = ends = await bothEnds()))
after(() => ends[Symbol.asyncDispose]())

it('gives the bytes of a document in pieces, and stops when its reader leaves', async () => {
  const bytes = Buffer.from('Words of a document. '.repeat(200_000))
  const { document } = await near.add({ name: 'a.txt', bytes }, caller)
  const pieces = await Array.fromAsync(near.bytes(document.id, caller))
  assert.ok(pieces.length > 1 && pieces.every((piece) => piece instanceof Uint8Array))
  assert.equal(Buffer.compare(Buffer.concat(pieces), bytes), 0)
  for await (const piece of near.bytes(document.id, caller)) {
    assert.ok(piece.length > 0)
    break
  }
  const leaving = new AbortController()
  await assert.rejects(
    async () => {
      for await (const _ of near.bytes(document.id, { ...caller, signal: leaving.signal })) leaving.abort()
    },
    { code: 'cancelled' },
  )
  await assert.rejects(Array.fromAsync(near.bytes(document.id)), { code: 'not-found' })
})

it('gives vectors as what they are', async () => {
  const { model, vectors } = await near.embed(['four', 'seventh'], {}, caller)
  assert.equal(model, 'lengths')
  assert.deepEqual(vectors, [Float32Array.of(4, 0.5), Float32Array.of(7, 0.5)])
})

it('describes and reads documents', async () => {
  const { document, jobId = '' } = await near.add({ name: 'a.txt', text: 'A lock lets one in.' }, caller)
  await Array.fromAsync(near.watch([jobId], caller))
  const described = await near.describe(document.id, { title: 'Locks', metadata: { year: 2026, gone: null } }, caller)
  assert.deepEqual([described.title, described.metadata], ['Locks', { year: 2026 }])
  assert.equal((await near.read(document.id, { start: 2, end: 6 }, caller)).text, 'lock')
  assert.equal((await near.read(document.id, undefined, caller)).length, 19)
  assert.deepEqual((await near.usage(caller)).documents, { used: 1 })
})

it('keeps conversations, keys and what was done once', async () => {
  await Array.fromAsync(near.ask({ text: 'What is a lock?', sessionId: 's' }, caller))
  assert.equal((await near.sessions({ search: 'LOCK' }, caller)).length, 1)
  assert.equal((await near.renameSession('s', 'Locks', caller)).title, 'Locks')
  assert.equal((await near.session('s', caller)).turns.length, 2)
  assert.equal((await near.exportSession('s', caller)).turns.length, 2)
  await near.removeSession('s', {}, caller)
  assert.deepEqual(await near.sessions(undefined, caller), [])
  assert.equal((await near.restoreSession('s', caller)).title, 'Locks')
  await near.removeSession('s', { now: true }, caller)
  await assert.rejects(near.restoreSession('s', caller), { code: 'not-found' })

  const { key, secret } = await near.createKey({ name: 'ci', scopes: ['load'] }, caller)
  assert.equal((await near.keyOf(secret))?.id, key.id)
  assert.equal((await near.keys(caller)).length, 1)
  assert.equal(await near.hasKeys(), true)
  await far.revokeKey(key.id, caller)
  assert.equal(await near.keyOf(secret), undefined)
  assert.equal(await near.hasKeys(), false)

  assert.deepEqual(await near.claimOnce('k', 'print', caller), { new: true })
  await near.settleOnce('k', undefined, caller)
  assert.deepEqual(await near.claimOnce('k', 'print', caller), { new: true })
  await near.settleOnce('k', { status: 202 }, caller)
  assert.deepEqual(await near.claimOnce('k', 'print', caller), { new: false, reply: { status: 202 } })
})
