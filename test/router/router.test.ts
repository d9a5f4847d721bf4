// The router as a library: streams and whole answers, vectors and scores, budgets, records, live reload, and the shapes
// in which the factory takes it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { openCall } from '../../src/core/call.ts'
import { chatAsSpan } from '../../src/models/chat-span.ts'
import type { ChatRequest } from '../../src/models/model.ts'
import { Timelines } from '../../src/observe/timeline.ts'
import { ConcurrentRouter } from '../../src/router/index.ts'
import type { AndonError, UsageRecord } from '../../src/router/index.ts'
import { openTestGateway } from './gateway.ts'
import { ModelServer } from './model-server.ts'

test('an answer says who gave it, when, and what it used', async () => {
  await using server = await ModelServer.start()
  await using router = new ConcurrentRouter({
    endpoints: [
      {
        name: 'a',
        url: server.url,
        model: 'big',
        cost: { promptPerMillion: 1_000_000, completionPerMillion: 500_000 },
      },
    ],
  })
  const records: UsageRecord[] = []
  const stop = router.subscribe((event) => void (event.type === 'record' && records.push(event.record)))
  const answer = await router.routeRequest([{ role: 'user', content: 'Hi' }], {
    maxTokens: 9,
    tenant: 'acme',
    keyId: 'k1',
    temperature: 0,
  })
  assert.deepEqual([answer.text, answer.finish, answer.model, answer.endpoint], ['Hello world', 'stop', 'big', 'a'])
  assert.deepEqual([answer.usage.promptTokens, answer.usage.completionTokens, answer.degraded], [7, 2, []])
  assert.ok(answer.firstTokenMs <= answer.totalMs)
  assert.deepEqual([server.bodies[0]?.['model'], server.bodies[0]?.['max_tokens']], ['big', 9])
  const [record] = records
  assert.ok(record)
  assert.deepEqual(
    [record.tenant, record.keyId, record.endpoint, record.cost, record.outcome, record.estimated],
    ['acme', 'k1', 'a', 8, 'ok', false],
  )
  stop()
  await router.routeRequest('Hi')
  assert.equal(records.length, 1)
})

test('a stream can be read once, and tells its summary at the end', async () => {
  await using server = await ModelServer.start()
  await using router = new ConcurrentRouter({ endpoints: [{ name: 'a', url: server.url, model: 'm' }] })
  const chat = await router.routeRequest('Hi', { stream: true })
  const types: string[] = []
  for await (const event of chat) types.push(event.type)
  assert.equal(types.at(-1), 'finish')
  assert.equal((await chat.answer).text, 'Hello world')
  await assert.rejects(
    async () => {
      for await (const event of chat) types.push(event.type)
    },
    { code: 'conflict' },
  )
})

test('a stream that nobody reads is let go of by disposing it', async () => {
  await using server = await ModelServer.start('endless')
  await using router = new ConcurrentRouter({ endpoints: [{ name: 'a', url: server.url, model: 'm' }] })
  {
    await using chat = await router.routeRequest('Hi', { stream: true })
    assert.equal(chat.endpoint, 'a')
  }
  assert.equal(router.state().inFlight, 0)
  while (server.open > 0) await turn()
})

test('vectors and scores come in the order of their texts, from all endpoints', async () => {
  await using one = await ModelServer.start()
  await using two = await ModelServer.start()
  await using bad = await ModelServer.start('500')
  const can = ['embeddings', 'rerank'] as const
  await using router = new ConcurrentRouter({
    endpoints: [
      { name: 'one', url: one.url, model: 'e', can: [...can], maxConcurrent: 2 },
      { name: 'two', url: two.url, model: 'e', can: [...can], maxConcurrent: 2 },
      { name: 'bad', url: bad.url, model: 'e', can: [...can], maxConcurrent: 2 },
    ],
  })
  const texts = Array.from({ length: 300 }, (_, index) => 'x'.repeat(index + 1))
  const vectors = await router.embed(texts, { model: 'e' })
  assert.deepEqual(
    vectors.map(([x = 0, y = 1]) => Math.round(x / y)),
    texts.map(({ length }) => length),
  )
  assert.ok(one.asked > 0 && two.asked > 0)
  const call = openCall({ tenant: 't' })
  assert.deepEqual(await router.reranker('e').rerank('q', ['aa', 'b'], call), [2, 1])
  const [vector] = await router.embedder('e').embed(['abc'], 'question', call)
  assert.equal(vector?.length, 2)
  assert.equal(router.state().inFlight, 0)
  await assert.rejects(router.embed(['a'], { model: 'unknown' }), { code: 'unavailable' })
})

test('the factory takes it as its chat model', async () => {
  await using server = await ModelServer.start()
  await using router = new ConcurrentRouter({
    endpoints: [{ name: 'a', url: server.url, model: 'm', contextTokens: 4_096 }],
  })
  const model = router.chatModel({ model: 'm', priority: 0 })
  assert.deepEqual([model.name, model.contextTokens], ['m', 4_096])
  using call = openCall({ tenant: 't' })
  const events = await Array.fromAsync(model.chat({ messages: [{ role: 'user', content: 'Hi' }] }, call))
  assert.equal(events.at(-1)?.type, 'finish')
})

test('as a chat model it says who answers before a word, where that is not the one that was asked', async () => {
  await using down = await ModelServer.start('500')
  await using up = await ModelServer.start()
  await using router = new ConcurrentRouter({
    endpoints: [
      { name: 'a', url: down.url, model: 'big' },
      { name: 'b', url: up.url, model: 'small' },
    ],
    fallback: ['big', 'small'],
  })
  using timelines = new Timelines()
  using call = openCall({ tenant: 't' })
  const { spans } = timelines.follow(call.id)
  const request: ChatRequest = { messages: [{ role: 'user', content: 'Hi' }] }
  const events = await Array.fromAsync(chatAsSpan(router.chatModel(), request, call, { station: 'generate' }))
  assert.deepEqual(events[0], { type: 'fallback', model: 'small' })
  assert.partialDeepStrictEqual(spans, [{ station: 'generate', place: 'small', degraded: 'big', outcome: 'ok' }])
  assert.equal(router.state().inFlight, 0)
})

test('the last resort may be any chat model', async () => {
  await using server = await ModelServer.start('500')
  await using router = new ConcurrentRouter({
    endpoints: [{ name: 'a', url: server.url, model: 'm' }],
    lastResort: {
      name: 'here',
      async *chat() {
        yield { type: 'text-delta', text: 'From this process.' }
        yield { type: 'finish', reason: 'stop' }
      },
    },
  })
  const { text, model, degraded } = await router.routeRequest('Hi')
  assert.deepEqual([text, model, degraded.length], ['From this process.', 'here', 1])
})

test('a budget that is used up refuses, for its key alone, and says until when', async () => {
  await using server = await ModelServer.start()
  await using router = new ConcurrentRouter({
    endpoints: [{ name: 'a', url: server.url, model: 'm' }],
    budgets: { keys: { small: { tokensPerDay: 15 }, none: { costPerMonth: 0 } } },
  })
  for (let count = 0; count < 2; count++) await router.routeRequest('Hi', { keyId: 'small' })
  await assert.rejects(
    router.routeRequest('Hi', { keyId: 'small' }),
    (error: AndonError) => error.code === 'overloaded' && (error.retryAfterMs ?? 0) > 0,
  )
  await assert.rejects(router.routeRequest('Hi', { keyId: 'none' }), { code: 'forbidden' })
  assert.equal((await router.routeRequest('Hi', { keyId: 'other' })).text, 'Hello world')
  assert.equal(server.asked, 3)
})

test('who has used up a budget is asked for at no other model, nor at the last resort', async () => {
  await using server = await ModelServer.start()
  const looked: string[] = []
  await using router = new ConcurrentRouter({
    endpoints: ['m', 'n', 'o'].map((model) => ({ name: model, url: server.url, model })),
    fallback: ['m', 'n', 'o'],
    budgets: { eachTenant: { tokensPerDay: 1 } },
    spendingStore: {
      spent: (name) => {
        looked.push(name)
        return { tokens: 1, cost: 0 }
      },
      add: () => {},
    },
    lastResort: {
      name: 'here',
      async *chat() {
        yield { type: 'text-delta', text: 'From this process.' }
      },
    },
  })
  await assert.rejects(router.routeRequest('Hi'), {
    code: 'overloaded',
    sentence: /has used up its budget of 1 tokens/,
  })
  assert.deepEqual(looked, ['tenant:default'])
  await using door = await openTestGateway(router)
  const response = await door.chat()
  assert.equal(response.status, 429)
  assert.match(await response.text(), /has used up its budget/)
  assert.deepEqual([looked.length, server.asked], [2, 0])
})

test('endpoints are exchanged while streams run, and no stream breaks', async () => {
  await using old = await ModelServer.start('endless')
  await using fresh = await ModelServer.start()
  await using router = new ConcurrentRouter({ endpoints: [{ name: 'a', url: old.url, model: 'm' }] })
  const chat = await router.routeRequest('Hi', { stream: true })
  const events = chat[Symbol.asyncIterator]()
  for (let count = 0; count < 3; count++) await events.next()
  assert.throws(() => router.update([{ name: 'b', url: 'nowhere' }]), { code: 'invalid' })
  router.update([{ name: 'a', url: fresh.url, model: 'm' }])
  assert.equal((await router.routeRequest('Hi')).text, 'Hello world')
  assert.deepEqual([old.asked, fresh.asked], [1, 1])
  for (let count = 0; count < 20; count++) assert.equal((await events.next()).done, false)
  await events.return?.()
  assert.deepEqual(router.models(), [{ id: 'm', can: ['chat', 'completions'], endpoints: ['a'] }])
})

test('closing the router ends what runs and what waits', async () => {
  await using server = await ModelServer.start('silence')
  const router = new ConcurrentRouter({
    endpoints: [{ name: 'a', url: server.url, model: 'm', maxConcurrent: 1, firstTokenMs: 60_000 }],
  })
  const asked = [router.routeRequest('Hi'), router.routeRequest('Hi')].map((answer) =>
    assert.rejects(answer, { code: 'unavailable' }),
  )
  while (server.open === 0) await turn()
  await router[Symbol.asyncDispose]()
  await Promise.all(asked)
  while (server.open > 0) await turn()
})
