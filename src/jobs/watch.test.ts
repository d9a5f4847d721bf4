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
