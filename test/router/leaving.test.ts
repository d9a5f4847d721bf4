// Callers who leave: the server hears of it at once, whatever their request was doing, and nothing is left counted.

import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import { ConcurrentRouter } from '../../src/router/index.ts'
import { ModelServer } from './model-server.ts'

test('BerriAI/litellm#3341, maximhq/bifrost#828, and Portkey, which aborts nothing at all: every caller who leaves a stream is heard at the server', async () => {
  await using server = await ModelServer.start('endless')
  await using router = new ConcurrentRouter({ endpoints: [{ name: 'a', url: server.url, maxConcurrent: 64 }] })
  const late: number[] = []
  await Promise.all(
    Array.from({ length: 64 }, async (_, index) => {
      const leave = new AbortController()
      const chat = await router.routeRequest('Hi', { stream: true, signal: leave.signal })
      let count = 0
      const reading = async (): Promise<void> => {
        for await (const _event of chat) if (++count === 3 + (index % 5) && index % 2 === 0) break
      }
      if (index % 2 === 0) return reading()
      setTimeout(() => leave.abort(), index)
      await assert.rejects(reading(), { code: 'cancelled' })
      return undefined
    }),
  )
  const leftAt = performance.now()
  while (server.open > 0) await turn()
  late.push(performance.now() - leftAt)
  assert.equal(server.left, 64)
  assert.ok(Math.max(...late) < 1_000)
  assert.equal(router.state().inFlight, 0)
})

test('BerriAI/litellm#37140: who leaves before the first token, in the line or between attempts is gone too', async () => {
  await using server = await ModelServer.start('silence')
  await using router = new ConcurrentRouter({
    endpoints: [{ name: 'a', url: server.url, maxConcurrent: 2, firstTokenMs: 60_000 }],
  })
  const leave = new AbortController()
  const asked = Array.from({ length: 6 }, () =>
    assert.rejects(router.routeRequest('Hi', { signal: leave.signal }), { code: 'cancelled' }),
  )
  while (server.open < 2) await turn()
  assert.deepEqual([router.state().inFlight, router.state().waiting], [2, 4])
  leave.abort()
  await Promise.all(asked)
  assert.deepEqual([router.state().inFlight, router.state().waiting], [0, 0])
  while (server.open > 0) await turn()
  assert.deepEqual([server.asked, server.left], [2, 2])
})

test('dario#1212: nobody is asked elsewhere for a caller who left while the first server was refusing', async () => {
  await using first = await ModelServer.start('429')
  await using second = await ModelServer.start()
  await using router = new ConcurrentRouter({
    endpoints: [
      { name: 'a', url: first.url },
      { name: 'b', url: second.url, priority: 1 },
    ],
  })
  const leave = new AbortController()
  const asked = router.routeRequest('Hi', { signal: leave.signal })
  while (first.asked === 0) await turn()
  leave.abort()
  await assert.rejects(asked, { code: 'cancelled' })
  assert.equal(second.asked, 0)
})

test('vllm-project/router#215: ten thousand callers who leave at any moment leave every counter at 0', async () => {
  await using server = await ModelServer.start()
  server.firstMs = 1
  await using other = await ModelServer.start('error-frame')
  await using router = new ConcurrentRouter({
    endpoints: [
      { name: 'a', url: server.url, maxConcurrent: 24 },
      { name: 'b', url: other.url, maxConcurrent: 8 },
    ],
    scheduling: { queue: 10_000 },
  })
  let seed = 7
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
  let count = 0
  const outcomes = { answered: 0, left: 0, failed: 0 }
  const caller = async (): Promise<void> => {
    while (count++ < 10_000) {
      const leave = new AbortController()
      const turns = random() < 0.1 ? Infinity : Math.floor(random() * 12)
      const asked = router.routeRequest('Hi', { signal: leave.signal, fallbackText: 'None' }).then(
        () => outcomes.answered++,
        () => (leave.signal.aborted ? outcomes.left++ : outcomes.failed++),
      )
      if (turns !== Infinity) {
        for (let index = 0; index < turns; index++) await turn()
        leave.abort()
      }
      await asked
    }
  }
  await Promise.all(Array.from({ length: 200 }, caller))
  const { inFlight, waiting, endpoints } = router.state()
  assert.deepEqual([inFlight, waiting], [0, 0])
  for (const endpoint of endpoints) {
    const { placed, done, cancelled, failed } = endpoint.counts
    assert.equal(endpoint.inFlightOfAll, 0)
    assert.equal(placed, done + cancelled + failed)
  }
  assert.equal(outcomes.failed, 0)
  assert.ok(outcomes.answered > 500 && outcomes.left > 5_000, JSON.stringify(outcomes))
  assert.ok(server.mostOpen <= 24 + 8, `${server.mostOpen} at once`)
  while (server.open + other.open > 0) await turn()
})

test('an answer that nobody reads, or goes on reading, has its place no longer than its call', async () => {
  await using server = await ModelServer.start('endless')
  await using router = new ConcurrentRouter({ endpoints: [{ name: 'a', url: server.url, maxConcurrent: 2 }] })
  const leave = new AbortController()
  const unread = await router.routeRequest('Hi', { stream: true, signal: leave.signal })
  const begun = await router.routeRequest('Hi', { stream: true, signal: leave.signal })
  const events = begun[Symbol.asyncIterator]()
  await events.next()
  assert.equal(router.state().inFlight, 2)
  leave.abort()
  assert.equal(router.state().inFlight, 0)
  await assert.rejects(unread.answer, { code: 'cancelled' })
  await assert.rejects(begun.answer, { code: 'cancelled' })
  while (server.open > 0) await turn()
  await assert.rejects(unread[Symbol.asyncIterator]().next(), { code: 'cancelled' })
  await assert.rejects(events.next(), { code: 'cancelled' })
})
