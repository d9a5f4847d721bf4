// What users of other gateways have complained of: streams, fallbacks, timeouts and cooldowns. Each complaint is
// reproduced with a real server, and does not come true here.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import { ConcurrentRouter } from '../../src/router/index.ts'
import type { AndonError, RoutedChat } from '../../src/router/index.ts'
import { ModelServer } from './model-server.ts'
import type { Manner } from './model-server.ts'
import { pair } from './pair.ts'

/** Reads to the end, or to the error. */
async function read(chat: RoutedChat): Promise<{ text: string; error?: AndonError }> {
  let text = ''
  try {
    for await (const event of chat) if (event.type === 'text-delta') text += event.text
    return { text }
  } catch (error) {
    return { text, error: error as AndonError }
  }
}

const invisible: [string, Manner][] = [
  ['BerriAI/litellm#40404: a stream that is cut before its first token is answered elsewhere', 'cut-before'],
  ['BerriAI/litellm#40404: a stream that stalls before its first token is answered elsewhere', 'silence'],
  ['BerriAI/litellm#40404: a malformed stream is answered elsewhere', 'malformed'],
  ['BerriAI/litellm#36768: a failure that looks like an empty stop is answered elsewhere', 'empty'],
  ['maximhq/bifrost#5395: a first frame that is well does not hide an error in the second', 'late-error-frame'],
  ['maximhq/bifrost#6390: an unexpected end is answered elsewhere', 'cut-before'],
  ['maximhq/bifrost#4005: a web page with status 502 is answered elsewhere', '502'],
  ['maximhq/bifrost#7199: a server that takes the request and then says nothing is left for another', 'hang'],
  ['Portkey-AI/gateway#267: an error under status 200 is answered elsewhere', '200-error'],
]

for (const [name, manner] of invisible)
  test(name, async () => {
    await using all = await pair(manner)
    const chat = await all.router.routeRequest('Hi', { stream: true })
    assert.deepEqual([chat.endpoint, (await read(chat)).text], ['good', 'Hello world'])
    assert.equal(all.good.asked, 1)
  })

const explicit: [string, Manner][] = [
  ['BerriAI/litellm#40404: a stream that is cut after its first token ends with an error', 'cut-after'],
  ['Portkey-AI/gateway#1797: a connection that is lost in an answer is no clean end', 'ends-early'],
  ['BerriAI/litellm#26998: a stream that stalls after its first token ends with an error', 'stalls'],
]

for (const [name, manner] of explicit)
  test(name, async () => {
    await using all = await pair(manner)
    const { text, error } = await read(await all.router.routeRequest('Hi', { stream: true }))
    assert.equal(text, 'Hello world')
    assert.ok(error && (error.code === 'unavailable' || error.code === 'deadline'))
    assert.equal(all.good.asked, 0)
  })

test('BerriAI/litellm#38610: when the fallback fails too, the caller hears an error and no empty answer', async () => {
  await using all = await pair('late-error-frame', { attempts: 2 })
  all.good.manner = 'empty'
  await assert.rejects(all.router.routeRequest('Hi', { stream: true }), (error: AndonError) => error.code !== 'invalid')
})

test('BerriAI/litellm#19077: who wants no fallback gets none, in a stream neither', async () => {
  await using big = await ModelServer.start('error-frame')
  await using small = await ModelServer.start()
  await using router = new ConcurrentRouter({
    endpoints: [
      { name: 'a', url: big.url, model: 'big' },
      { name: 'b', url: small.url, model: 'small' },
    ],
    fallback: ['big', 'small'],
    attempts: 1,
  })
  await assert.rejects(router.routeRequest('Hi', { stream: true, preferredModel: 'big', fallback: [] }))
  assert.equal(small.asked, 0)
})

test('BerriAI/litellm#25843, #28216: with and without a stream a request fails over alike', async () => {
  await using all = await pair('500')
  const whole = await all.router.routeRequest('Hi')
  const chat = await all.router.routeRequest('Hi', { stream: true })
  await read(chat)
  const outcomes = (attempts: RoutedChat['attempts']): unknown =>
    attempts.map(({ endpoint, outcome }) => [endpoint, outcome])
  assert.deepEqual(outcomes(whole.attempts), outcomes(chat.attempts))
})

test('BerriAI/litellm#6957, #5512: an overloaded Anthropic, said inside a stream, is answered elsewhere', async () => {
  const anthropic = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":3}}}\n\n')
    response.end('event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n')
  }).listen(0, '127.0.0.1')
  await once(anthropic, 'listening')
  await using good = await ModelServer.start()
  const { port } = anthropic.address() as AddressInfo
  await using router = new ConcurrentRouter({
    endpoints: [
      { name: 'a', url: `http://127.0.0.1:${port}`, protocol: 'anthropic', model: 'm', apiKey: 'secret-key' },
      { name: 'b', url: good.url, model: 'm', priority: 1 },
    ],
  })
  const answer = await router.routeRequest('Hi')
  assert.deepEqual(
    answer.attempts.map(({ endpoint, outcome }) => [endpoint, outcome]),
    [
      ['a', 'busy'],
      ['b', 'begun'],
    ],
  )
  anthropic.close()
})

test('vllm-project/production-stack#749: one server that hangs does not hang the others', async () => {
  await using all = await pair('hang', {}, { priority: 1, firstTokenMs: 300, maxConcurrent: 4 })
  const waited = await Promise.all(
    Array.from({ length: 32 }, async () => (await all.router.routeRequest('Hi')).totalMs),
  )
  assert.equal(waited.length, 32)
  assert.ok(all.bad.asked <= 8, `${all.bad.asked} were sent to the one that hangs`)
})

test('vllm-project/production-stack#767: no client of ours holds back more than a hundred', async () => {
  await using server = await ModelServer.start('endless')
  await using router = new ConcurrentRouter({
    endpoints: [{ name: 'a', url: server.url, model: 'm', maxConcurrent: 150, adaptive: false }],
  })
  const chats = await Promise.all(Array.from({ length: 150 }, () => router.routeRequest('Hi', { stream: true })))
  assert.equal(server.mostOpen, 150)
  await Promise.all(chats.map((chat) => chat[Symbol.asyncDispose]()))
  while (server.open > 0) await turn()
})

test('BerriAI/litellm#30192: after a spike of failures the router works again by itself', async () => {
  await using server = await ModelServer.start('429')
  await using router = new ConcurrentRouter({ endpoints: [{ name: 'a', url: server.url, model: 'm' }] })
  await Promise.allSettled(Array.from({ length: 50 }, () => router.routeRequest('Hi', { budgetMs: 100 })))
  server.manner = 'well'
  assert.equal((await router.routeRequest('Hi')).text, 'Hello world')
})

test('BerriAI/litellm#34836: a server that answers 500 is out after three, and not after twenty-five', async () => {
  await using all = await pair('500')
  for (let count = 0; count < 25; count++) await all.router.routeRequest('Hi')
  // Three, and the few that tried whether it was well again.
  assert.ok(all.bad.asked <= 5, `${all.bad.asked} were sent`)
  assert.equal(all.good.asked, 25)
})

test('BerriAI/litellm#3646, #7669: when all are cooling, callers wait as long as was asked and then succeed', async () => {
  await using server = await ModelServer.start('429')
  await using router = new ConcurrentRouter({ endpoints: [{ name: 'a', url: server.url, model: 'm' }] })
  const cooling = Promise.withResolvers<void>()
  router.subscribe((event) => void (event.type === 'endpoint-cooling' && cooling.resolve()))
  const first = router.routeRequest('Hi')
  await cooling.promise
  const cooledAt = performance.now()
  server.manner = 'well'
  const answers = await Promise.all([first, ...Array.from({ length: 4 }, () => router.routeRequest('Hi'))])
  assert.ok(performance.now() - cooledAt >= 900)
  assert.deepEqual(
    answers.map(({ text }) => text),
    Array.from({ length: 5 }, () => 'Hello world'),
  )
})

test('BerriAI/litellm#40958: a caller who cannot wait for a busy server hears that it is busy, and for how long', async () => {
  await using server = await ModelServer.start('429')
  await using router = new ConcurrentRouter({ endpoints: [{ name: 'a', url: server.url, model: 'm' }], attempts: 1 })
  await assert.rejects(
    router.routeRequest('Hi'),
    (error: AndonError) => error.code === 'overloaded' && error.retryAfterMs === 1_000,
  )
  assert.equal(server.asked, 1)
})
