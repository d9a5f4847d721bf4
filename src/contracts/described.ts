// The suite of every Library, for what is said and shown of documents: described anew, read in windows, and known to be
// the same as another.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { acceptText, analyser, find, load, publishText, take, terms } from './fixtures.ts'
import type { OpenStores } from './fixtures.ts'

export function describedContract(name: string, open: OpenStores): void {
  describe(`${name} describes documents anew`, () => {
    it('shows a new title at once, in lists and in what is found', async () => {
      await using stores = await open()
      const { id } = await load(stores, { name: 'a.txt', text: 'alpha', title: 'Old' })
      const described = await stores.library.describe('ours', id, { title: 'New' })
      assert.equal(described?.title, 'New')
      assert.deepEqual(await stores.library.get('ours', id), described)
      const hits = await stores.index.keyword('ours', terms('alpha'), {}, 1)
      const [passage] = await stores.index.passages(
        'ours',
        hits.map(({ rowId }) => rowId),
      )
      assert.equal(passage?.title, 'New')
    })

    it('lets filters see new metadata at once, and keeps what was not named', async () => {
      await using stores = await open()
      const { id } = await load(stores, { name: 'a.txt', text: 'alpha', metadata: { color: 'red', size: 3, gone: 1 } })
      assert.deepEqual(await find(stores, 'ours', 'alpha', { metadata: { color: 'red' } }), ['alpha'])
      const change = { metadata: { color: 'blue', gone: null, tags: ['x', 'y'] } }
      assert.deepEqual((await stores.library.describe('ours', id, change))?.metadata, {
        color: 'blue',
        size: 3,
        tags: ['x', 'y'],
      })
      assert.deepEqual(await find(stores, 'ours', 'alpha', { metadata: { color: 'red' } }), [])
      assert.deepEqual(await find(stores, 'ours', 'alpha', { metadata: { gone: 1 } }), [])
      assert.deepEqual(await find(stores, 'ours', 'alpha', { metadata: { color: 'blue', size: 3, tags: 'y' } }), [
        'alpha',
      ])
    })

    it('keeps what was said while it was being loaded', async () => {
      await using stores = await open()
      const { document, jobId } = await acceptText(stores, { name: 'a.txt', text: 'alpha' })
      const lease = await take(stores, jobId)
      await stores.library.describe('ours', document.id, { title: 'Said', metadata: { color: 'red' } })
      assert.equal((await publishText(stores, lease, 'alpha', 'Found in it')).title, 'Said')
      assert.deepEqual(await find(stores, 'ours', 'alpha', { metadata: { color: 'red' } }), ['alpha'])
    })

    it('changes nothing of a removed document, nor of another tenant', async () => {
      await using stores = await open()
      const { id } = await load(stores, { name: 'a.txt', text: 'alpha', title: 'Old' })
      assert.equal(await stores.library.describe('theirs', id, { title: 'New' }), undefined)
      await stores.library.remove('ours', id)
      assert.equal(await stores.library.describe('ours', id, { title: 'New' }), undefined)
      assert.equal((await stores.library.restore('ours', id))?.title, 'Old')
    })
  })

  describe(`${name} reads documents in windows`, () => {
    it('gives a span with its blocks, where it lies and how long the whole is', async () => {
      await using stores = await open()
      const { id } = await load(stores, { name: 'a.txt', text: 'alpha\nbeta' })
      const window = await stores.library.read('ours', id, { start: 6, end: 99 })
      assert.ok(window)
      const { document, ...rest } = window
      assert.equal(document.id, id)
      assert.deepEqual(rest, {
        text: 'beta',
        start: 6,
        end: 10,
        length: 10,
        blocks: [{ kind: 'paragraph', start: 0, end: 10 }],
      })
      assert.equal((await stores.library.read('ours', id))?.text, 'alpha\nbeta')
      const behind = await stores.library.read('ours', id, { start: 50, end: 60 })
      assert.deepEqual([behind?.text, behind?.start, behind?.end, behind?.blocks], ['', 10, 10, []])
      await assert.rejects(stores.library.read('ours', id, { start: 3, end: 2 }), { code: 'invalid' })
    })

    it('knows under which headings and on which page each part of a passage stands', async () => {
      await using stores = await open()
      const { jobId, document } = await acceptText(stores, { name: 'a.md', text: 'x' })
      const { job, fence } = await take(stores, jobId)
      const { id } = document
      const publication = { tenant: 'ours', documentId: id, jobId: job.id, fence, title: '', warnings: [], analyser }
      const heading = (start: number, end: number, level: number, page: number) =>
        ({ kind: 'heading', start, end, level, page }) as const
      const paragraph = (start: number, end: number, page: number) => ({ kind: 'paragraph', start, end, page }) as const
      await stores.library.publish({
        ...publication,
        text: 'One\nTwo\nalpha\nbeta\nThree\ngamma',
        blocks: [
          heading(0, 3, 1, 1),
          heading(4, 7, 2, 1),
          paragraph(8, 13, 1),
          paragraph(14, 18, 2),
          heading(19, 24, 1, 2),
          paragraph(25, 30, 2),
        ],
      })
      const passage = { id: `${id}.1.0`, start: 10, end: 30 }
      const gone = { ...passage, id: `${id}.9.0` }
      assert.deepEqual(await stores.library.places('ours', [passage, gone, { ...passage, end: 12 }]), [
        [
          { start: 10, headings: ['One', 'Two'], page: 1 },
          { start: 14, headings: ['One', 'Two'], page: 2 },
          { start: 19, headings: ['Three'], page: 2 },
        ],
        [],
        [{ start: 10, headings: ['One', 'Two'], page: 1 }],
      ])
      assert.deepEqual(await stores.library.places('theirs', [passage]), [[]])
      await stores.library.remove('ours', id)
      assert.deepEqual(await stores.library.places('ours', [passage]), [[]])
    })

    it('knows no text of what is not loaded, removed, or another tenant’s', async () => {
      await using stores = await open()
      const coming = await acceptText(stores, { name: 'b.txt', text: 'beta' })
      assert.equal(await stores.library.read('ours', coming.document.id), undefined)
      const { id } = await load(stores, { name: 'a.txt', text: 'alpha' })
      assert.equal(await stores.library.read('theirs', id), undefined)
      await stores.library.remove('ours', id)
      assert.equal(await stores.library.read('ours', id), undefined)
    })
  })

  describe(`${name} knows documents with the same bytes`, () => {
    it('names the oldest other one of the tenant that is not removed', async () => {
      await using stores = await open()
      const same = async (id: string) => (await stores.library.get('ours', id))?.sameAs
      await load(stores, { name: 'theirs.txt', text: 'alpha', tenant: 'theirs' })
      const first = await load(stores, { name: 'first.txt', text: 'alpha', collection: 'c' })
      assert.equal(first.sameAs, undefined)
      const second = await load(stores, { name: 'second.txt', text: 'alpha' })
      const { document: third } = await acceptText(stores, { name: 'third.txt', text: 'alpha' })
      assert.deepEqual(third.sameAs, { id: first.id, name: 'first.txt', collection: 'c' })
      assert.equal((await same(first.id))?.id, second.id)
      await stores.library.remove('ours', first.id)
      assert.equal((await same(third.id))?.id, second.id)
      await acceptText(stores, { name: 'second.txt', text: 'other' })
      assert.equal(await same(third.id), undefined)
      assert.ok((await stores.library.list('ours')).every(({ sameAs }) => sameAs === undefined))
    })
  })
}
