// The desk for documents in a whole factory: described, read in windows, given out as they came, and within quotas.

import assert from 'node:assert/strict'
import { mkdtempDisposable, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { asked, openLibrary, travel } from '../../test/journeys/library.ts'
import type { Factory } from '../core/factory.ts'
import { createFactory } from '../factory.ts'

const everything = async (pieces: AsyncIterable<Uint8Array>): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(pieces))

describe('A document', { timeout: 60_000 }, () => {
  it('is described anew: citations show the title, filters the metadata', async () => {
    await using factory = await openLibrary([travel])
    const [document] = await factory.list()
    const id = document?.id ?? ''
    const described = await factory.describe(id, { title: ' Travelling ', metadata: { year: 2026, gone: null } })
    assert.deepEqual([described.title, described.metadata, described.version], ['Travelling', { year: 2026 }, 1])
    const question = { text: 'Who approves travel over 2,500 euros?', filter: { metadata: { year: 2026 } } }
    const { end } = await asked(factory, question)
    assert.equal(end.citations[0]?.title, 'Travelling')
    assert.deepEqual((await factory.describe(id, { metadata: { year: null } })).metadata, {})
  })

  it('is not described by what cannot be shown or kept', async () => {
    await using factory = await openLibrary([travel])
    const [document] = await factory.list()
    const id = document?.id ?? ''
    const wrong: [object, RegExp][] = [
      [{ title: '  ' }, /title of travel\.md is empty/],
      [{ title: 'a\u202Eb' }, /control characters/],
      [{ metadata: { when: new Date() } }, /metadata\.when/],
      [{ metadata: [] }, /metadata/],
      [{ name: 'other.md' }, /name: no such field/],
    ]
    for (const [change, message] of wrong)
      await assert.rejects(factory.describe(id, change), { code: 'invalid', message })
    await assert.rejects(factory.describe(id, { metadata: { long: 'x'.repeat(20_000) } }), { code: 'too-large' })
    await assert.rejects(factory.describe('doc_nothing', { title: 'x' }), { code: 'not-found' })
    await assert.rejects(factory.describe(id, { title: 'x' }, { tenant: 'other' }), { code: 'not-found' })
    assert.deepEqual(await factory.document(id), document)
  })

  it('is read in windows, the first of at most 100,000 characters', async () => {
    const text = `${'a'.repeat(99_999)}😀${'b'.repeat(50)}`
    await using factory = await openLibrary([{ name: 'long.txt', text }])
    const [document] = await factory.list()
    const id = document?.id ?? ''
    const first = await factory.read(id)
    assert.deepEqual([first.start, first.end, first.length], [0, 99_999, text.length])
    assert.equal(first.document.name, 'long.txt')
    const rest = await factory.read(id, { start: first.end, end: text.length + 5 })
    assert.equal(first.text + rest.text, text)
    assert.ok(rest.blocks.every(({ end }) => end > rest.start))
    await assert.rejects(factory.read(id, { start: 5, end: 1 }), { code: 'invalid' })
  })

  it('without text says why', async () => {
    await using factory = await openLibrary([])
    const bytes = Buffer.from('%PDF-1.7\nnothing of a PDF')
    const { document, jobId = '' } = await factory.add({ name: 'broken.pdf', bytes })
    await Array.fromAsync(factory.watch([jobId]))
    const { status } = await factory.document(document.id)
    assert.notEqual(status, 'ready')
    await assert.rejects(factory.read(document.id), {
      code: 'not-found',
      message: new RegExp(`broken.pdf has no text: it is ${status}`),
    })
    await assert.rejects(factory.read('doc_nothing'), { code: 'not-found', message: /no document doc_nothing/ })
  })

  it('is given out as it came, until its reader leaves', async () => {
    await using factory = await openLibrary([])
    const bytes = Buffer.from('Words of a document. '.repeat(40_000))
    const { document } = await factory.add({ name: 'a.txt', bytes })
    assert.deepEqual(await everything(factory.bytes(document.id)), bytes)
    await assert.rejects(everything(factory.bytes(document.id, { tenant: 'other' })), { code: 'not-found' })
    const leaving = new AbortController()
    let pieces = 0
    await assert.rejects(
      async () => {
        for await (const _ of factory.bytes(document.id, { signal: leaving.signal })) {
          pieces++
          leaving.abort()
        }
      },
      { code: 'cancelled' },
    )
    assert.equal(pieces, 1)
    await assert.rejects(everything(factory.bytes(document.id, { signal: AbortSignal.abort() })), { code: 'cancelled' })
  })
})

describe('A quota', { timeout: 60_000 }, () => {
  const filesOf = async (dataDir: string): Promise<number> =>
    (await readdir(join(dataDir, 'blobs'), { recursive: true })).filter((name) => name.length > 60).length
  const add = (factory: Factory, name: string, text = name) => factory.add({ name, text })

  it('of documents holds exactly, however many are added at once, and is told', async () => {
    await using factory = await openLibrary([], { quotas: { documents: 5 } })
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, (_, at) => add(factory, `${at}.txt`)))
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 5)
    assert.equal((await factory.list()).length, 5)
    const usage = await factory.usage()
    assert.deepEqual(usage.documents, { used: 5, limit: 5 })
    assert.equal(usage.bytes.limit, undefined)
    await assert.rejects(add(factory, 'one-more.txt'), {
      code: 'forbidden',
      message: /default may keep 5 documents and would have 6: remove documents first, or raise quotas\.documents/,
    })
    // Before it has loaded, it is added once more; after that, replaced.
    const [first] = await factory.list()
    assert.match((await add(factory, first?.name ?? '', 'other words')).outcome, /^(added|replacing)$/)
    await factory.remove(first?.id ?? '')
    await add(factory, 'one-more.txt')
    await assert.rejects(factory.restore(first?.id ?? ''), { code: 'forbidden' })
    assert.equal((await factory.add({ name: 'x', text: 'x' }, { tenant: 'other' })).outcome, 'added')
  })

  it('of bytes stops reading where there is no room, and keeps nothing of it', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-quota-'))
    await using factory = await createFactory({ handbook: false, dataDir: folder.path, quotas: { bytes: 20_000 } })
    let read = 0
    const endless = async function* () {
      for (;;) {
        read++
        yield Buffer.from('words '.repeat(1_000))
      }
    }
    await add(factory, 'a.txt', 'x'.repeat(10_000))
    await assert.rejects(factory.add({ name: 'endless.txt', bytes: endless() }), { code: 'forbidden' })
    assert.ok(read < 100, 'what the kind of file is told from, and little more')
    await assert.rejects(add(factory, 'b.txt', 'y'.repeat(10_001)), { code: 'forbidden' })
    assert.equal(await filesOf(folder.path), 1)
    assert.deepEqual((await factory.usage()).bytes, { used: 10_000, limit: 20_000 })
  })
})
