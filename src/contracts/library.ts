// The suite of every Library: accepting, replacing, publishing, removing, restoring, purging, and whose is what.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { acceptText, analyser, bytesOf, find, load, passagesOf, publishText, take } from './fixtures.ts'
import type { OpenStores } from './fixtures.ts'

export function libraryContract(name: string, open: OpenStores): void {
  describe(`${name} keeps documents`, () => {
    it('accepts a document with its job, waiting', async () => {
      await using stores = await open()
      const { document, outcome, jobId } = await acceptText(stores, {
        name: 'a.txt',
        text: 'alpha',
        metadata: { size: 3 },
      })
      assert.equal(outcome, 'added')
      assert.equal(document.status, 'waiting')
      assert.equal(document.version, 0)
      assert.deepEqual(document.metadata, { size: 3 })
      assert.match(document.id, /^doc_[0-9a-z]{26}$/)
      const job = await stores.jobs.get('ours', jobId ?? '')
      assert.equal(job?.documentId, document.id)
      assert.equal(job?.kind, 'load')
      assert.deepEqual(await stores.library.get('ours', document.id), document)
    })

    it('does nothing when the same bytes come again, on their way or ready', async () => {
      await using stores = await open()
      const first = await acceptText(stores, { name: 'a.txt', text: 'alpha' })
      const again = await acceptText(stores, { name: 'a.txt', text: 'alpha' })
      assert.equal(again.outcome, 'unchanged')
      assert.equal(again.jobId, first.jobId)
      await publishText(stores, await take(stores, first.jobId), 'alpha')
      const later = await acceptText(stores, { name: 'a.txt', text: 'alpha' })
      assert.equal(later.outcome, 'unchanged')
      assert.equal(later.jobId, undefined)
      assert.equal((await stores.jobs.list('ours')).length, 1)
    })

    it('loads again when the title or the metadata changed', async () => {
      await using stores = await open()
      await load(stores, { name: 'a.txt', text: 'alpha', metadata: { a: 1, b: 2 } })
      const reordered = await acceptText(stores, { name: 'a.txt', text: 'alpha', metadata: { b: 2, a: 1 } })
      assert.equal(reordered.outcome, 'unchanged')
      const changed = await acceptText(stores, { name: 'a.txt', text: 'alpha', metadata: { a: 2, b: 2 } })
      assert.equal(changed.outcome, 'replacing')
      const titled = await acceptText(stores, { name: 'a.txt', text: 'alpha', metadata: { a: 2, b: 2 }, title: 'T' })
      assert.equal(titled.outcome, 'replacing')
      assert.equal((await stores.jobs.get('ours', changed.jobId ?? ''))?.state, 'cancelled')
      assert.equal(titled.cancelledJobId, changed.jobId)
      assert.equal(changed.cancelledJobId, undefined, 'the job before that had ended')
    })

    it('loads what was cancelled when it comes again', async () => {
      await using stores = await open()
      await load(stores, { name: 'a.txt', text: 'old', metadata: { a: 1 } })
      for (const again of [
        { name: 'a.txt', text: 'old', metadata: { a: 2 } },
        { name: 'a.txt', text: 'new', metadata: { a: 2 } },
      ]) {
        const { jobId = '' } = await acceptText(stores, again)
        await stores.jobs.cancel('ours', jobId)
        const { outcome, ...accepted } = await acceptText(stores, again)
        assert.equal(outcome, 'replacing')
        assert.notEqual(accepted.jobId, undefined)
        assert.notEqual(accepted.jobId, jobId)
      }
    })

    it('answers from the old passages until the new ones are published, then only from those', async () => {
      await using stores = await open()
      const before = await load(stores, { name: 'a.txt', text: 'shared old\nshared older' })
      const { outcome, jobId, document } = await acceptText(stores, { name: 'a.txt', text: 'shared new' })
      assert.equal(outcome, 'replacing')
      assert.equal(document.id, before.id)
      const lease = await take(stores, jobId)
      await stores.library.stage('ours', before.id, lease.job.id, lease.fence, passagesOf('shared new'))
      assert.deepEqual((await find(stores, 'ours', 'shared')).sort(), ['shared old', 'shared older'])
      assert.equal(await stores.library.text('ours', before.id), 'shared old\nshared older')
      const after = await publishText(stores, lease, 'shared new')
      assert.equal(after.version, 2)
      assert.equal(after.passages, 1)
      assert.deepEqual(await find(stores, 'ours', 'shared'), ['shared new'])
      assert.deepEqual(await find(stores, 'ours', 'older'), [])
      assert.equal(await stores.library.text('ours', before.id), 'shared new')
      assert.equal((await stores.index.statistics('ours', ['shared'])).passages, 1)
    })

    it('shows no reader both versions, or neither, while documents are replaced', async () => {
      await using stores = await open()
      const versions = 12
      await load(stores, { name: 'a.txt', text: 'fixed v0\nfixed v0\nfixed v0' })
      let writing = true
      const seen = new Set<string>()
      const reader = async (): Promise<void> => {
        while (writing) {
          const texts = await find(stores, 'ours', 'fixed')
          assert.equal(texts.length, 3, `one whole version, not ${JSON.stringify(texts)}`)
          assert.equal(new Set(texts).size, 1, `one version, not ${JSON.stringify(texts)}`)
          seen.add(texts[0] ?? '')
        }
      }
      const writer = async (): Promise<void> => {
        for (let version = 1; version <= versions; version++) {
          const line = `fixed v${version}`
          await load(stores, { name: 'a.txt', text: `${line}\n${line}\n${line}` })
        }
      }
      await Promise.all([writer().finally(() => (writing = false)), reader(), reader(), reader()])
      assert.ok(seen.size > 1)
      assert.deepEqual(
        await find(stores, 'ours', 'fixed'),
        Array.from({ length: 3 }, () => `fixed v${versions}`),
      )
    })

    it('keeps an ordinal once, however often its batch is staged', async () => {
      await using stores = await open()
      const { jobId, document } = await acceptText(stores, { name: 'a.txt', text: 'one\ntwo' })
      const lease = await take(stores, jobId)
      for (let time = 0; time < 3; time++) {
        await stores.library.stage('ours', document.id, lease.job.id, lease.fence, passagesOf('one\ntwo'))
      }
      const published = await publishText(stores, lease, 'one\ntwo')
      assert.equal(published.passages, 2)
      assert.deepEqual(await find(stores, 'ours', 'two'), ['two'])
    })

    it('publishes nothing that an earlier lease staged', async () => {
      await using stores = await open()
      const { jobId, document } = await acceptText(stores, { name: 'a.txt', text: 'text' })
      const first = await take(stores, jobId, 0)
      await stores.library.stage('ours', document.id, first.job.id, first.fence, passagesOf('half\ndone\nwork'))
      const second = await take(stores, jobId)
      assert.ok(second.fence > first.fence)
      await assert.rejects(publishText(stores, first, 'half\ndone\nwork'), { code: 'conflict' })
      const published = await publishText(stores, second, 'whole')
      assert.equal(published.passages, 1)
      assert.deepEqual(await find(stores, 'ours', 'half'), [])
      await assert.rejects(publishText(stores, second, 'again'), { code: 'conflict' })
    })

    it('refuses the publication of bytes that were replaced in the meantime', async () => {
      await using stores = await open()
      const first = await acceptText(stores, { name: 'a.txt', text: 'old' })
      const lease = await take(stores, first.jobId)
      const second = await acceptText(stores, { name: 'a.txt', text: 'new' })
      await assert.rejects(publishText(stores, lease, 'old'), { code: 'conflict' })
      assert.equal(await stores.jobs.renew(lease.job.id, lease.fence, 1_000), false)
      const published = await publishText(stores, await take(stores, second.jobId), 'new')
      assert.equal(published.version, 1)
      assert.equal(published.hash, second.document.hash)
    })

    it('reads spans of a long text, surrogate pairs and odd characters included', async () => {
      await using stores = await open()
      const text = `${'a'.repeat(32_767)}😀${'数据库'.repeat(20_000)}\u0000end\uFEFF`
      const { id } = await load(stores, { name: 'long.txt', text })
      assert.equal(await stores.library.text('ours', id), text)
      for (const [start, end] of [
        [0, 0],
        [32_766, 32_770],
        [32_768, 32_769],
        [65_530, 65_540],
        [text.length - 5, text.length + 9],
      ] as const) {
        assert.equal(await stores.library.text('ours', id, { start, end }), text.slice(start, end))
      }
      await assert.rejects(stores.library.text('ours', id, { start: 5, end: 2 }), { code: 'invalid' })
    })

    it('keeps blocks, pages and warnings', async () => {
      await using stores = await open()
      const { jobId, document } = await acceptText(stores, { name: 'a.pdf', text: 'x' })
      const lease = await take(stores, jobId)
      const blocks = [{ kind: 'table' as const, start: 0, end: 1, page: 2, headerLines: 1 }]
      const warnings = ['Page 3 has no text layer']
      const published = await stores.library.publish({
        tenant: 'ours',
        documentId: document.id,
        jobId: lease.job.id,
        fence: lease.fence,
        title: 'T',
        text: 'x',
        blocks,
        pages: 7,
        warnings,
        analyser,
      })
      assert.equal(published.pages, 7)
      assert.deepEqual(published.warnings, warnings)
      assert.equal(published.title, 'T')
      assert.equal(published.passages, 0)
      assert.deepEqual(await stores.library.blocks('ours', document.id), blocks)
    })

    it('hides what is removed at once, and brings it back', async () => {
      await using stores = await open()
      const { id } = await load(stores, { name: 'a.txt', text: 'alpha beta' })
      await load(stores, { name: 'b.txt', text: 'alpha gamma' })
      const [hit] = await stores.index.keyword('ours', [{ term: 'beta', weight: 1 }], {}, 5)
      assert.equal(await stores.library.remove('ours', id), true)
      assert.equal(await stores.library.remove('ours', id), false)
      assert.deepEqual(await find(stores, 'ours', 'alpha'), ['alpha gamma'])
      assert.deepEqual(await stores.index.passages('ours', [hit?.rowId ?? 0]), [])
      assert.deepEqual(await stores.index.passagesById('ours', [`${id}.1.0`]), [])
      assert.equal(await stores.library.text('ours', id), undefined)
      assert.equal((await stores.library.get('ours', id))?.status, 'removed')
      assert.deepEqual(
        (await stores.library.list('ours')).map((each) => each.name),
        ['b.txt'],
      )
      assert.equal((await stores.library.totals('ours')).documents, 1)
      const restored = await stores.library.restore('ours', id)
      assert.equal(restored?.status, 'ready')
      assert.equal(restored?.removedAt, undefined)
      assert.deepEqual((await find(stores, 'ours', 'alpha')).sort(), ['alpha beta', 'alpha gamma'])
    })

    it('restores a removed document when the same bytes are added again', async () => {
      await using stores = await open()
      const { id } = await load(stores, { name: 'a.txt', text: 'alpha' })
      await stores.library.remove('ours', id)
      const same = await acceptText(stores, { name: 'a.txt', text: 'alpha' })
      assert.equal(same.outcome, 'restored')
      assert.equal(same.jobId, undefined)
      assert.deepEqual(await find(stores, 'ours', 'alpha'), ['alpha'])
      await stores.library.remove('ours', id)
      const other = await acceptText(stores, { name: 'a.txt', text: 'omega' })
      assert.equal(other.outcome, 'added')
      assert.deepEqual(await find(stores, 'ours', 'alpha'), [], 'what was removed stays removed')
      await publishText(stores, await take(stores, other.jobId), 'omega')
      assert.deepEqual(await find(stores, 'ours', 'omega'), ['omega'])
    })

    it('loads a document that was removed before it was loaded, once it is restored', async () => {
      await using stores = await open()
      const { document, jobId } = await acceptText(stores, { name: 'a.txt', text: 'alpha' })
      const lease = await take(stores, jobId)
      await stores.library.remove('ours', document.id)
      await assert.rejects(publishText(stores, lease, 'alpha'), { code: 'conflict' })
      assert.equal((await stores.jobs.get('ours', jobId ?? ''))?.state, 'cancelled')
      assert.equal((await stores.library.restore('ours', document.id))?.status, 'waiting')
      const [again] = await stores.jobs.claim({ worker: 'w', leaseMs: 60_000, limit: 1 })
      assert.ok(again)
      assert.equal((await publishText(stores, again, 'alpha')).status, 'ready')
    })

    it('purges what was removed long enough ago, and names the blobs that nobody needs', async () => {
      await using stores = await open()
      const gone = await load(stores, { name: 'a.txt', text: 'alpha' })
      const shared = await load(stores, { name: 'b.txt', text: 'shared bytes' })
      await load(stores, { name: 'c.txt', text: 'shared bytes' })
      await stores.library.remove('ours', gone.id)
      await stores.library.remove('ours', shared.id)
      assert.equal((await stores.library.purge(Date.now() - 60_000)).documents, 0)
      assert.equal((await stores.library.restore('ours', gone.id))?.status, 'ready')
      await stores.library.remove('ours', gone.id)
      const { documents, orphanedBlobs } = await stores.library.purge(Date.now() + 60_000)
      assert.equal(documents, 2)
      assert.deepEqual(orphanedBlobs, [gone.hash])
      assert.equal(await stores.library.get('ours', gone.id), undefined)
      assert.equal(await stores.library.restore('ours', gone.id), undefined)
      assert.equal(await stores.blobs.remove(gone.hash), true)
      assert.equal(await stores.blobs.has(gone.hash), false)
      assert.equal(await stores.blobs.remove(shared.hash), false, 'c.txt still needs it')
      assert.equal(await stores.blobs.has(shared.hash), true)
      assert.deepEqual(await find(stores, 'ours', 'shared'), ['shared bytes'])
    })

    it('forgets a document now when told so', async () => {
      await using stores = await open()
      const { id } = await load(stores, { name: 'a.txt', text: 'alpha' })
      assert.equal(await stores.library.remove('ours', id, { now: true }), true)
      assert.equal(await stores.library.get('ours', id), undefined)
      assert.deepEqual(await find(stores, 'ours', 'alpha'), [])
      const again = await acceptText(stores, { name: 'a.txt', text: 'alpha' })
      assert.equal(again.outcome, 'added')
      assert.notEqual(again.document.id, id)
    })

    it('gives up the blob of replaced bytes', async () => {
      await using stores = await open()
      const before = await load(stores, { name: 'a.txt', text: 'old' })
      await load(stores, { name: 'a.txt', text: 'new' })
      const { orphanedBlobs } = await stores.library.purge(0)
      assert.deepEqual(orphanedBlobs, [before.hash])
    })

    it('lists by pages, collection, name and status', async () => {
      await using stores = await open()
      const ids: string[] = []
      for (let number = 0; number < 5; number++) {
        const collection = number % 2 === 0 ? 'even' : 'odd'
        ids.push((await acceptText(stores, { name: `${number}.txt`, text: `text ${number}`, collection })).document.id)
      }
      const first = await stores.library.list('ours', { limit: 2 })
      const second = await stores.library.list('ours', { limit: 2, after: first.at(-1)?.id ?? '' })
      const third = await stores.library.list('ours', { limit: 2, after: second.at(-1)?.id ?? '' })
      assert.deepEqual(
        [...first, ...second, ...third].map(({ id }) => id),
        [...ids].sort(),
      )
      assert.equal(third.length, 1)
      assert.equal((await stores.library.list('ours', { collection: 'even' })).length, 3)
      assert.deepEqual(
        (await stores.library.list('ours', { name: '3.txt' })).map(({ collection }) => collection),
        ['odd'],
      )
      assert.equal((await stores.library.list('ours', { status: 'ready' })).length, 0)
      assert.deepEqual(await stores.library.collections('ours'), [
        { collection: 'even', documents: 3, passages: 0 },
        { collection: 'odd', documents: 2, passages: 0 },
      ])
      await assert.rejects(stores.library.list('ours', { limit: 0 }), { code: 'invalid' })
    })

    it('counts what there is', async () => {
      await using stores = await open()
      await load(stores, { name: 'a.txt', text: 'one\ntwo' })
      await load(stores, { name: 'a.txt', text: 'three', tenant: 'theirs' })
      await acceptText(stores, { name: 'b.txt', text: 'four' })
      assert.deepEqual(await stores.library.totals('ours'), {
        documents: 2,
        passages: 2,
        bytes: 11,
        tenants: 1,
        waiting: 1,
      })
      assert.deepEqual(await stores.library.totals(), { documents: 3, passages: 3, bytes: 16, tenants: 2, waiting: 1 })
    })

    it('accepts one name once, however many add it at the same time', async () => {
      await using stores = await open()
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, () => acceptText(stores, { name: 'a.txt', text: 'same' })),
      )
      assert.equal(outcomes.filter(({ outcome }) => outcome === 'added').length, 1)
      assert.equal(outcomes.filter(({ outcome }) => outcome === 'unchanged').length, 19)
      assert.equal((await stores.library.list('ours')).length, 1)
      assert.equal((await stores.jobs.list('ours')).length, 1)
    })

    it('refuses names and tenants that are none', async () => {
      await using stores = await open()
      await assert.rejects(acceptText(stores, { name: '', text: 'x' }), { code: 'invalid' })
      await assert.rejects(acceptText(stores, { name: 'x'.repeat(2_000), text: 'x' }), { code: 'invalid' })
      await assert.rejects(acceptText(stores, { name: 'x', text: 'x', tenant: '' }), { code: 'invalid' })
    })

    it('shows a tenant nothing of another', async () => {
      await using stores = await open()
      const { id } = await load(stores, { name: 'secret.txt', text: 'secret', tenant: 'theirs' })
      const { jobId } = await acceptText(stores, { name: 'more.txt', text: 'more', tenant: 'theirs' })
      const { library, index, jobs } = stores
      assert.equal(await library.get('ours', id), undefined)
      assert.deepEqual(await library.list('ours'), [])
      assert.deepEqual(await library.collections('ours'), [])
      assert.equal(await library.text('ours', id), undefined)
      assert.equal(await library.blocks('ours', id), undefined)
      assert.equal(await library.remove('ours', id), false)
      assert.equal(await library.remove('ours', id, { now: true }), false)
      assert.equal(await library.restore('ours', id), undefined)
      await library.setStatus('ours', id, 'failed', 'meddling')
      assert.equal((await library.get('theirs', id))?.status, 'ready')
      assert.deepEqual(await find(stores, 'ours', 'secret'), [])
      assert.deepEqual(await find(stores, 'ours', 'secret', { documents: [id] }), [])
      assert.deepEqual(await index.passagesById('ours', [`${id}.1.0`]), [])
      const hits = await index.keyword('theirs', [{ term: 'secret', weight: 1 }], {}, 1)
      assert.equal(hits.length, 1)
      assert.deepEqual(
        await index.passages(
          'ours',
          hits.map(({ rowId }) => rowId),
        ),
        [],
      )
      assert.equal(await jobs.get('ours', jobId ?? ''), undefined)
      assert.equal(await jobs.cancel('ours', jobId ?? ''), undefined)
      assert.equal(await jobs.retry('ours', jobId ?? ''), undefined)
      assert.equal(await jobs.explain('ours', jobId ?? ''), undefined)
      assert.deepEqual(await jobs.list('ours'), [])
      assert.equal((await library.totals('ours')).documents, 0)
      await assert.rejects(jobs.enqueue({ tenant: 'ours', kind: 'reindex', documentId: id }), { code: 'not-found' })
      const lease = await take(stores, jobId)
      await assert.rejects(
        library.stage('ours', lease.job.documentId ?? '', lease.job.id, lease.fence, passagesOf('x')),
        { code: 'not-found' },
      )
    })

    it('asks for bytes that are not there instead of taking a document without them', async () => {
      await using stores = await open()
      const { hash, size } = await stores.blobs.put(bytesOf('gone'))
      await stores.blobs.remove(hash)
      const input = { tenant: 'ours', collection: 'c', name: 'a', mediaType: 'text/plain', hash, size, metadata: {} }
      await assert.rejects(stores.library.accept(input), { code: 'conflict' })
    })
  })
}
