// Servers that die and come back under load.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConcurrentRouter } from '../../src/router/index.ts'
import type { AndonError } from '../../src/router/index.ts'
import { ModelServer } from './model-server.ts'
import { pair } from './pair.ts'

test('a server that dies under load costs nobody a whole answer, and readers of streams hear of it', async () => {
  await using stack = new AsyncDisposableStack()
  const servers: ModelServer[] = []
  for (let index = 0; index < 4; index++) servers.push(stack.use(await ModelServer.start()))
  for (const [index, server] of servers.entries()) server.firstMs = 4 + index * 2
  const router = stack.use(
    new ConcurrentRouter({
      endpoints: servers.map(({ url }, index) => ({ name: `e${index}`, url, model: 'm', maxConcurrent: 16 })),
    }),
  )
  const lost: unknown[] = []
  const cut: AndonError[] = []
  let answered = 0
  const ask = async (index: number): Promise<void> => {
    if (index === 200) await servers[0]?.stop()
    if (index === 500) await servers[0]?.listen()
    try {
      if (index % 2 === 0) assert.equal((await router.routeRequest('Hi')).text, 'Hello world')
      else {
        const chat = await router.routeRequest('Hi', { stream: true })
        let text = ''
        try {
          for await (const event of chat) if (event.type === 'text-delta') text += event.text
          assert.equal(text, 'Hello world')
        } catch (reason) {
          cut.push(reason as AndonError)
          return
        }
      }
      answered++
    } catch (reason) {
      lost.push(reason)
    }
  }
  let next = 0
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      while (next < 800) await ask(next++)
    }),
  )
  assert.deepEqual(lost, [])
  assert.ok(cut.every(({ code }) => code === 'unavailable'))
  assert.equal(answered + cut.length, 800)
  const { endpoints, inFlight } = router.state()
  assert.equal(inFlight, 0)
  assert.ok((endpoints[0]?.counts.failed ?? 0) <= 16 + 3)
})

test('a whole answer that is cut in the middle is asked for again, because nobody has heard anything of it', async () => {
  for (const manner of ['cut-after', 'ends-early', 'error-after', 'stalls'] as const) {
    await using all = await pair(manner)
    const answer = await all.router.routeRequest('Hi')
    assert.deepEqual([answer.text, answer.endpoint, answer.attempts.length], ['Hello world', 'good', 2])
  }
})

test('in a full outage callers are told, and few are tried twice', async () => {
  await using server = await ModelServer.start()
  await using other = await ModelServer.start()
  const urls = [server.url, other.url]
  await Promise.all([server.stop(), other.stop()])
  await using router = new ConcurrentRouter({
    endpoints: urls.map((url, index) => ({ name: `e${index}`, url, model: 'm' })),
  })
  const answers = await Promise.allSettled(
    Array.from({ length: 200 }, () => router.routeRequest('Hi', { budgetMs: 2_000 })),
  )
  for (const answer of answers) {
    assert.equal(answer.status, 'rejected')
    const { code, retryAfterMs } = answer.reason as AndonError
    assert.ok((code === 'unavailable' || code === 'overloaded') && retryAfterMs !== undefined, code)
  }
  const placed = router.state().endpoints.reduce((sum, { counts }) => sum + counts.placed, 0)
  assert.ok(placed <= 220, `${placed} attempts for 200 requests`)
})
