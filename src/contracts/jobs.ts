// The suite of every JobStore: leases with fences, turns between tenants, ends, retries and explanations.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JobStore } from '../stores/store.ts'
import { acceptText, find, load, publishText, take } from './fixtures.ts'
import type { OpenStores } from './fixtures.ts'

export function jobContract(name: string, open: OpenStores): void {
  const claim = (jobs: JobStore, limit = 10, leaseMs = 60_000) => jobs.claim({ worker: 'w', leaseMs, limit })

  describe(`${name} keeps jobs`, () => {
    it('gives each job to one worker only', async () => {
      await using stores = await open()
      const { jobs } = stores
      for (let number = 0; number < 30; number++) await jobs.enqueue({ tenant: 't', kind: 'embed', input: { number } })
      const leases = (await Promise.all(Array.from({ length: 10 }, () => claim(jobs, 5)))).flat()
      assert.equal(leases.length, 30)
      assert.equal(new Set(leases.map(({ job }) => job.id)).size, 30)
      assert.deepEqual(
        leases.map(({ input }) => (input as { number: number }).number).sort((a, b) => a - b),
        Array.from({ length: 30 }, (_, at) => at),
      )
      assert.ok(leases.every(({ job }) => job.state === 'running' && job.attempts === 1 && job.worker === 'w'))
    })

    it('lets tenants take turns, the oldest job of each first', async () => {
      await using stores = await open()
      const { jobs } = stores
      for (let number = 0; number < 5; number++) await jobs.enqueue({ tenant: 'bulk', kind: 'embed', input: number })
      await jobs.enqueue({ tenant: 'small', kind: 'embed', input: 100 })
      await jobs.enqueue({ tenant: 'small', kind: 'embed', input: 101 })
      const order: unknown[] = []
      for (let turn = 0; turn < 7; turn++) order.push(...(await claim(jobs, 1)).map(({ input }) => input))
      assert.deepEqual(order, [0, 100, 1, 101, 2, 3, 4])
    })

    it('takes loading before embedding before indexing anew', async () => {
      await using stores = await open()
      await stores.jobs.enqueue({ tenant: 't', kind: 'reindex' })
      await stores.jobs.enqueue({ tenant: 't', kind: 'embed' })
      await acceptText(stores, { name: 'a.txt', text: 'a', tenant: 'another' })
      const kinds = (await claim(stores.jobs)).map(({ job }) => job.kind)
      assert.deepEqual(kinds, ['load', 'embed', 'reindex'])
    })

    it('takes only the kinds that are asked for', async () => {
      await using stores = await open()
      await stores.jobs.enqueue({ tenant: 't', kind: 'reindex' })
      assert.deepEqual(await stores.jobs.claim({ worker: 'w', leaseMs: 1_000, limit: 5, kinds: ['load', 'embed'] }), [])
      assert.equal((await stores.jobs.claim({ worker: 'w', leaseMs: 1_000, limit: 5, kinds: ['reindex'] })).length, 1)
    })

    it('gives a job whose lease ran out to another worker, and refuses the old one', async () => {
      await using stores = await open()
      const { jobs } = stores
      const { id } = await jobs.enqueue({ tenant: 't', kind: 'embed' })
      const [lost] = await claim(jobs, 1, 0)
      const [taken] = await jobs.claim({ worker: 'another', leaseMs: 60_000, limit: 1 })
      assert.ok(lost && taken)
      assert.equal(taken.job.id, id)
      assert.ok(taken.fence > lost.fence)
      assert.equal(await jobs.renew(id, lost.fence, 1_000), false)
      assert.equal(await jobs.progress(id, lost.fence, 'x', 1, 2), false)
      await assert.rejects(jobs.finish(id, lost.fence), { code: 'conflict' })
      await assert.rejects(jobs.fail(id, lost.fence, { code: 'internal', message: 'm' }, {}), { code: 'conflict' })
      assert.equal(await jobs.renew(id, taken.fence, 1_000), true)
      await jobs.finish(id, taken.fence)
      assert.equal((await jobs.get('t', id))?.state, 'done')
    })

    it('sets a job aside whose workers vanish again and again', async () => {
      await using stores = await open()
      const { document, jobId = '' } = await acceptText(stores, { name: 'poison.txt', text: 'x' })
      for (let loss = 0; loss < 20; loss++) await claim(stores.jobs, 1, 0)
      const job = await stores.jobs.get('ours', jobId)
      assert.equal(job?.state, 'dead')
      assert.equal(job?.attempts, 1, 'a vanished worker is no attempt of its own')
      const after = await stores.library.get('ours', document.id)
      assert.equal(after?.status, 'quarantined')
      assert.match(after?.reason ?? '', /vanished/)
    })

    it('keeps progress and stage', async () => {
      await using stores = await open()
      const { id } = await stores.jobs.enqueue({ tenant: 't', kind: 'embed' })
      const [lease] = await claim(stores.jobs)
      assert.equal(await stores.jobs.progress(id, lease?.fence ?? 0, 'parsing', 3, 9), true)
      const job = await stores.jobs.get('t', id)
      assert.equal(job?.stage, 'parsing')
      assert.deepEqual(job?.progress, { done: 3, total: 9 })
    })

    it('tries again at the given time until the attempts are used up', async () => {
      await using stores = await open()
      const { jobs } = stores
      const { id } = await jobs.enqueue({ tenant: 't', kind: 'embed', maxAttempts: 2 })
      const error = { code: 'unavailable', message: 'the embedder is down' }
      const [first] = await claim(jobs)
      const later = Date.now() + 3_600_000
      const waiting = await jobs.fail(id, first?.fence ?? 0, error, { retryAt: later })
      assert.equal(waiting.state, 'waiting')
      assert.deepEqual(waiting.error, error)
      assert.deepEqual(await claim(jobs), [], 'not due yet')
      assert.equal(await jobs.nextDue(), later)
      await jobs.cancel('t', id)
      await jobs.retry('t', id)
      for (let attempt = 1; attempt <= 2; attempt++) {
        const [lease] = await claim(jobs)
        assert.equal(lease?.job.attempts, attempt)
        const after = await jobs.fail(id, lease?.fence ?? 0, error, { retryAt: Date.now() })
        assert.equal(after.state, attempt === 1 ? 'waiting' : 'dead')
      }
      assert.equal(await jobs.nextDue(), undefined)
    })

    it('does not count an attempt that was called off', async () => {
      await using stores = await open()
      const { id } = await stores.jobs.enqueue({ tenant: 't', kind: 'embed', maxAttempts: 1 })
      for (let stop = 0; stop < 4; stop++) {
        const [lease] = await claim(stores.jobs)
        const off = { code: 'cancelled', message: 'closing' }
        const after = await stores.jobs.fail(id, lease?.fence ?? 0, off, { retryAt: Date.now() })
        assert.equal(after.state, 'waiting')
      }
    })

    it('does not count an attempt that failed for reasons of the house', async () => {
      await using stores = await open()
      const { id } = await stores.jobs.enqueue({ tenant: 't', kind: 'embed', maxAttempts: 1 })
      for (let stop = 0; stop < 4; stop++) {
        const [lease] = await claim(stores.jobs)
        const full = { code: 'overloaded', message: 'the disk is full' }
        const next = { retryAt: Date.now(), counts: false }
        assert.equal((await stores.jobs.fail(id, lease?.fence ?? 0, full, next)).state, 'waiting')
      }
    })

    it('gives the document the status that is asked for when the job is over, and not before', async () => {
      await using stores = await open()
      const { document, jobId } = await acceptText(stores, { name: 'a.txt', text: 'a', maxAttempts: 2 })
      const error = { code: 'internal', message: 'm' }
      const said = { status: 'failed', reason: 'In plain words' } as const
      const seen: unknown[] = []
      for (const dead of [false, true]) {
        const { job, fence } = await take(stores, jobId)
        await stores.jobs.fail(job.id, fence, error, { retryAt: Date.now(), dead, document: said })
        const after = await stores.library.get('ours', document.id)
        seen.push([after?.status, after?.reason])
      }
      assert.deepEqual(seen, [
        ['waiting', 'm'],
        ['failed', 'In plain words'],
      ])
    })

    it('says nothing of a document that was replaced in the meantime', async () => {
      await using stores = await open()
      const { document, jobId } = await acceptText(stores, { name: 'a.txt', text: 'old' })
      const { job, fence } = await take(stores, jobId)
      await load(stores, { name: 'a.txt', text: 'new' })
      const said = { status: 'failed', reason: 'The old bytes are broken' } as const
      const error = { code: 'invalid', message: 'broken' }
      await assert.rejects(stores.jobs.fail(job.id, fence, error, { document: said }), { code: 'conflict' })
      assert.equal((await stores.library.get('ours', document.id))?.status, 'ready')
    })

    it('tries a document as often as it was told when it was accepted, also once it is restored', async () => {
      await using stores = await open()
      const { document, jobId = '' } = await acceptText(stores, { name: 'a.txt', text: 'a', maxAttempts: 7 })
      assert.equal((await stores.jobs.get('ours', jobId))?.maxAttempts, 7)
      await stores.library.remove('ours', document.id)
      await stores.library.restore('ours', document.id)
      const [job] = await stores.jobs.list('ours', { state: 'waiting' })
      assert.equal(job?.maxAttempts, 7)
    })

    it('ends as failed or dead, and the document with it', async () => {
      await using stores = await open()
      const bad = await acceptText(stores, { name: 'bad.txt', text: 'bad' })
      const worse = await acceptText(stores, { name: 'worse.txt', text: 'worse' })
      const first = await take(stores, bad.jobId)
      const failed = await stores.jobs.fail(first.job.id, first.fence, { code: 'invalid', message: 'It is broken' }, {})
      assert.equal(failed.state, 'failed')
      assert.ok(failed.endedAt !== undefined)
      const second = await take(stores, worse.jobId)
      const dead = await stores.jobs.fail(
        second.job.id,
        second.fence,
        { code: 'internal', message: 'It crashes' },
        { dead: true },
      )
      assert.equal(dead.state, 'dead')
      const documents = await Promise.all([bad, worse].map(({ document }) => stores.library.get('ours', document.id)))
      assert.deepEqual(
        documents.map((each) => [each?.status, each?.reason]),
        [
          ['failed', 'It is broken'],
          ['quarantined', 'It crashes'],
        ],
      )
      const again = await acceptText(stores, { name: 'bad.txt', text: 'bad' })
      assert.equal(again.outcome, 'added')
      assert.notEqual(again.jobId, bad.jobId)
    })

    it('keeps a status that was set with a better reason', async () => {
      await using stores = await open()
      const { document, jobId } = await acceptText(stores, { name: 'a.txt', text: 'a' })
      const lease = await take(stores, jobId)
      await stores.library.setStatus('ours', document.id, 'failed', 'The password is missing')
      await stores.jobs.fail(lease.job.id, lease.fence, { code: 'unsupported', message: 'encrypted' }, {})
      const after = await stores.library.get('ours', document.id)
      assert.deepEqual([after?.status, after?.reason], ['failed', 'The password is missing'])
    })

    it('answers from the old version when loading a new one fails', async () => {
      await using stores = await open()
      await load(stores, { name: 'a.txt', text: 'good words' })
      const { jobId } = await acceptText(stores, { name: 'a.txt', text: 'bad' })
      const lease = await take(stores, jobId)
      await stores.jobs.fail(lease.job.id, lease.fence, { code: 'invalid', message: 'broken' }, {})
      assert.deepEqual(await find(stores, 'ours', 'good'), ['good words'])
    })

    it('cancels what waits or runs, and tries it again when asked', async () => {
      await using stores = await open()
      const { document, jobId = '' } = await acceptText(stores, { name: 'a.txt', text: 'alpha' })
      const lease = await take(stores, jobId)
      assert.equal((await stores.jobs.cancel('ours', jobId))?.state, 'cancelled')
      await assert.rejects(publishText(stores, lease, 'alpha'), { code: 'conflict' })
      assert.equal((await stores.library.get('ours', document.id))?.status, 'failed')
      const again = await stores.jobs.retry('ours', jobId)
      assert.equal(again?.state, 'waiting')
      assert.equal(again?.attempts, 0)
      assert.equal((await stores.library.get('ours', document.id))?.status, 'waiting')
      await publishText(stores, await take(stores, jobId), 'alpha')
      assert.equal((await stores.jobs.cancel('ours', jobId))?.state, 'done', 'what has ended stays as it is')
      assert.equal((await stores.jobs.retry('ours', jobId))?.state, 'done')
    })

    it('does not try a job again whose document has a newer one', async () => {
      await using stores = await open()
      const first = await acceptText(stores, { name: 'a.txt', text: 'old' })
      await acceptText(stores, { name: 'a.txt', text: 'new' })
      await assert.rejects(stores.jobs.retry('ours', first.jobId ?? ''), { code: 'conflict' })
    })

    it('is done when its document is published', async () => {
      await using stores = await open()
      const { jobId = '' } = await acceptText(stores, { name: 'a.txt', text: 'alpha' })
      const lease = await take(stores, jobId)
      await publishText(stores, lease, 'alpha')
      assert.equal((await stores.jobs.get('ours', jobId))?.state, 'done')
      await stores.jobs.finish(jobId, lease.fence)
    })

    it('lists the newest first, by state and document', async () => {
      await using stores = await open()
      const { document } = await acceptText(stores, { name: 'a.txt', text: 'alpha' })
      await stores.jobs.enqueue({ tenant: 'ours', kind: 'embed' })
      const listed = await stores.jobs.list('ours', { limit: 1 })
      const rest = await stores.jobs.list('ours', { after: listed[0]?.id ?? '' })
      assert.equal(new Set([...listed, ...rest].map(({ id }) => id)).size, 2)
      assert.deepEqual(
        (await stores.jobs.list('ours', { documentId: document.id })).map(({ kind }) => kind),
        ['load'],
      )
      assert.equal((await stores.jobs.list('ours', { state: 'running' })).length, 0)
      await assert.rejects(stores.jobs.list('ours', { limit: -1 }), { code: 'invalid' })
    })

    it('explains why a job waits, who works on it and what comes next', async () => {
      await using stores = await open()
      const { jobs } = stores
      await jobs.enqueue({ tenant: 'bulk', kind: 'embed' })
      await jobs.enqueue({ tenant: 'bulk', kind: 'embed' })
      const last = await jobs.enqueue({ tenant: 'bulk', kind: 'embed' })
      const single = await jobs.enqueue({ tenant: 'single', kind: 'embed' })
      const waiting = await jobs.explain('bulk', last.id)
      assert.deepEqual(waiting?.before, { tenant: 2, all: 3 })
      assert.match(waiting?.sentences.join(' ') ?? '', /waits for 3 jobs/)
      assert.deepEqual((await jobs.explain('single', single.id))?.before, { tenant: 0, all: 1 })
      const [lease] = await claim(jobs, 1)
      await jobs.progress(lease?.job.id ?? '', lease?.fence ?? 0, 'embedding', 1, 4)
      const running = await jobs.explain('bulk', lease?.job.id ?? '')
      assert.match(running?.sentences.join(' ') ?? '', /^This job .* w works on it .*embedding, 1 of 4/)
      assert.deepEqual(
        running?.history.map(({ event }) => event),
        ['accepted', 'taken', 'stage'],
      )
      await jobs.fail(lease?.job.id ?? '', lease?.fence ?? 0, { code: 'invalid', message: 'It is empty.' }, {})
      const failed = await jobs.explain('bulk', lease?.job.id ?? '')
      assert.match(failed?.sentences.join(' ') ?? '', /failed: It is empty\. .*Retry/)
    })
  })
}
