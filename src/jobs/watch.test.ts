// Those who wait for jobs hear how each ends, also when nobody says so.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AndonError } from '../core/errors.ts'
import type { Job, JobStore } from '../stores/store.ts'
import { JobNews } from './watch.ts'

const waiting: Job = {
  id: 'job_1',
  tenant: 'ours',
  kind: 'load',
  state: 'waiting',
  stage: '',
  progress: { done: 0, total: 0 },
  attempts: 0,
  maxAttempts: 3,
  runAt: 0,
  createdAt: 0,
}

/** A store that knows one job, or has forgotten it. */
class OneJob {
  job: Job | undefined = waiting
  readonly store = { get: async () => this.job } as Partial<JobStore> as JobStore
}

test('a job that ended without a word is found to have ended', async () => {
  const kept = new OneJob()
  const heard = new JobNews(1).watch(kept.store, 'ours', ['job_1'])
  assert.equal((await heard.next()).value?.state, 'waiting')
  kept.job = { ...waiting, state: 'dead' }
  assert.deepEqual(
    (await Array.fromAsync(heard)).map(({ state }) => state),
    ['dead'],
  )
})

test('a job that is gone with its document ends as cancelled', async () => {
  const kept = new OneJob()
  const heard = new JobNews(1).watch(kept.store, 'ours', ['job_1'])
  await heard.next()
  kept.job = undefined
  assert.deepEqual(
    (await Array.fromAsync(heard)).map(({ state }) => state),
    ['cancelled'],
  )
})

test('a slow reader is told the latest of many changes, and the end', async () => {
  const news = new JobNews()
  const heard = news.watch(new OneJob().store, 'ours', ['job_1'])
  await heard.next()
  for (let done = 1; done <= 100; done++)
    news.announce({ ...waiting, state: 'running', progress: { done, total: 100 } })
  assert.equal((await heard.next()).value?.progress.done, 100)
  news.announce({ ...waiting, state: 'done' })
  assert.equal((await heard.next()).value?.state, 'done')
  assert.equal((await heard.next()).done, true)
})

test('a watcher that is told to stop does', async () => {
  const controller = new AbortController()
  const heard = new JobNews().watch(new OneJob().store, 'ours', ['job_1'], controller.signal)
  await heard.next()
  const rest = heard.next()
  controller.abort(new AndonError('cancelled', 'Enough'))
  await assert.rejects(rest, { code: 'cancelled' })
})

/** A store of several jobs. */
class ManyJobs {
  readonly jobs = new Map<string, Job>()
  readonly store = {
    get: async (_tenant: string, id: string) => this.jobs.get(id),
    list: async (tenant: string, { state }: { state?: Job['state'] } = {}) =>
      [...this.jobs.values()].filter((job) => job.state === state && job.tenant === tenant).toReversed(),
  } as Partial<JobStore> as JobStore

  set(id: string, state: Job['state'], tenant = 'ours'): Job {
    const job = { ...waiting, id, state, tenant }
    this.jobs.set(id, job)
    return job
  }
}

test('who watches all jobs hears of those under way, of changes and of new ones, of their own tenant', async () => {
  const kept = new ManyJobs()
  for (const [id, state] of [
    ['old', 'done'],
    ['b', 'waiting'],
    ['c', 'waiting'],
    ['a', 'running'],
  ] as const)
    kept.set(id, state)
  const news = new JobNews()
  const leaving = new AbortController()
  const heard = news.watchAll(kept.store, 'ours', leaving.signal)
  const next = async () => {
    const { value } = await heard.next()
    return `${value?.id} ${value?.state}`
  }
  assert.deepEqual([await next(), await next(), await next()], ['a running', 'b waiting', 'c waiting'])
  const coming = next()
  news.announce(kept.set('x', 'waiting', 'theirs'))
  news.announce(kept.set('d', 'waiting'))
  assert.equal(await coming, 'd waiting')
  kept.set('a', 'done')
  await news.tell(kept.store, 'ours', 'a')
  assert.equal(await next(), 'a done')
  const left = heard.next()
  leaving.abort(new AndonError('cancelled', 'The caller left.'))
  await assert.rejects(left, /The caller left/)
})

test('who watches all jobs finds out what nobody told', async () => {
  const kept = new ManyJobs()
  kept.set('a', 'running')
  kept.set('b', 'waiting')
  const heard = new JobNews(1).watchAll(kept.store, 'ours')
  await heard.next()
  await heard.next()
  kept.set('a', 'done')
  kept.jobs.delete('b')
  kept.set('c', 'waiting')
  const told = new Set<string>()
  for await (const { id, state } of heard) {
    told.add(`${id} ${state}`)
    if (told.size === 3) break
  }
  assert.deepEqual([...told].sort(), ['a done', 'b cancelled', 'c waiting'])
})
