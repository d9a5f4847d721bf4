// What becomes of jobs when their owners meddle: retried when they are done, replaced or removed while they wait.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Factory, JobView } from '../../src/core/factory.ts'
import { addWhole, openLibrary, travel } from './library.ts'

/** Keeps the only lane busy, so that what is added next waits. */
const long = { name: 'long.md', text: 'Some words of a long document. '.repeat(100_000) }
const oneAtATime = { loading: { concurrency: 1 } }

/** The last that is heard of a job. */
async function endOf(factory: Factory, jobId = ''): Promise<JobView | undefined> {
  return (await Array.fromAsync(factory.watch([jobId]))).at(-1)
}

describe('a job', { timeout: 30_000 }, () => {
  test('that is done and retried leaves its document ready', async () => {
    await using factory = await openLibrary([travel])
    const [job] = await factory.jobs()
    assert.equal((await factory.retry(job?.id ?? '')).state, 'done')
    const [document] = await factory.list()
    assert.equal(document?.status, 'ready')
  })

  test('that waits is heard to be cancelled when newer bytes take its place', async () => {
    await using factory = await openLibrary([], oneAtATime)
    await factory.add(long)
    const { jobId } = await factory.add({ name: 'a.md', text: 'old' })
    const end = endOf(factory, jobId)
    await factory.add({ name: 'a.md', text: 'new' })
    assert.equal((await end)?.state, 'cancelled')
  })

  for (const now of [false, true])
    test(`that waits is heard to be cancelled when its document is removed${now ? ' for good' : ''}`, async () => {
      await using factory = await openLibrary([], oneAtATime)
      await factory.add(long)
      const { document, jobId } = await factory.add({ name: 'a.md', text: 'old' })
      const heard = factory.watch([jobId ?? ''])
      const first = await heard[Symbol.asyncIterator]().next()
      assert.equal(first.value?.state, 'waiting')
      await factory.remove(document.id, { now })
      assert.deepEqual(
        (await Array.fromAsync(heard)).map(({ state }) => state),
        ['cancelled'],
      )
    })
})

test('a title that is not given any more is told from the document again', async () => {
  await using factory = await openLibrary([{ ...travel, title: 'Given by hand' }])
  const id = await addWhole(factory, travel)
  assert.equal((await factory.document(id)).title, 'Travel policy')
})
