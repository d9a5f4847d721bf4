// Every way in which a server can fail, seen through the router: before the first content nobody hears of it, after it
// the reader does.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConcurrentRouter } from '../../src/router/index.ts'
import type { AndonError } from '../../src/router/index.ts'
import { ModelServer } from './model-server.ts'
import type { Manner } from './model-server.ts'
import { pair } from './pair.ts'

const before: Manner[] = [
  '500',
  '502',
  '429',
  '401',
  '413',
  'silence',
  'hang',
  'error-frame',
  'late-error-frame',
  'malformed',
  'cut-before',
  'empty',
]

for (const manner of before)
  test(`${manner}: another endpoint answers`, async () => {
    await using all = await pair(manner)
    const answer = await all.router.routeRequest('Hi')
    assert.equal(answer.text, 'Hello world')
    assert.equal(answer.endpoint, 'good')
    assert.equal(answer.attempts.length, 2)
    assert.deepEqual(answer.usage.completionTokens, 2)
    assert.equal(all.bad.asked, 1)
    assert.equal(all.router.state().inFlight, 0)
  })

test('refused: another endpoint answers, and the first is asked no more after three failures', async () => {
  await using all = await pair('well')
  await all.bad.stop()
  const events: string[] = []
  all.router.subscribe((event) => void (event.type === 'endpoint-down' && events.push(event.endpoint)))
  for (let count = 0; count < 6; count++) assert.equal((await all.router.routeRequest('Hi')).endpoint, 'good')
  assert.deepEqual(events, ['bad'])
  const { counts } = all.router.state().endpoints.find(({ name }) => name === 'bad') ?? assert.fail()
  assert.equal(counts.failed, 3)
})

test('400: the caller hears what is wrong, and nobody else is asked', async () => {
  await using all = await pair('400')
  await assert.rejects(all.router.routeRequest('Hi'), (error: AndonError) => error.code === 'invalid')
  assert.equal(all.good.asked, 0)
})

for (const manner of ['cut-after', 'ends-early', 'error-after', 'stalls'] as const)
  test(`${manner}: the reader hears that the answer broke off, after what came`, async () => {
    await using all = await pair(manner)
    const chat = await all.router.routeRequest('Hi', { stream: true })
    let text = ''
    await assert.rejects(
      async () => {
        for await (const event of chat) if (event.type === 'text-delta') text += event.text
      },
      (error: AndonError) => ['unavailable', 'deadline'].includes(error.code),
    )
    assert.equal(text, 'Hello world')
    await assert.rejects(chat.answer)
    assert.equal(all.good.asked, 0)
    assert.equal(all.router.state().inFlight, 0)
  })

test('a server that is down is used again within a second of its return', async () => {
  await using all = await pair('well')
  await all.bad.stop()
  for (let count = 0; count < 4; count++) await all.router.routeRequest('Hi')
  const up = Promise.withResolvers<void>()
  all.router.subscribe((event) => void (event.type === 'endpoint-up' && up.resolve()))
  await all.bad.listen()
  const backAt = performance.now()
  for (;;) {
    const { endpoint } = await all.router.routeRequest('Hi')
    if (endpoint === 'bad') break
    assert.ok(performance.now() - backAt < 5_000, 'it was never used again')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await up.promise
  assert.ok(all.bad.probed > 0)
})

test('models are asked down the chain, and the last resort is a text', async () => {
  await using big = await ModelServer.start('500')
  await using small = await ModelServer.start()
  await using router = new ConcurrentRouter({
    endpoints: [
      { name: 'one', url: big.url, model: 'big' },
      { name: 'two', url: small.url, model: 'small' },
    ],
    fallback: ['big', 'small'],
  })
  const answer = await router.routeRequest('Hi')
  assert.equal(answer.model, 'small')
  assert.deepEqual(
    answer.degraded.map(({ model }) => model),
    ['big'],
  )
  small.manner = '500'
  const text = await router.routeRequest('Hi', {
    preferredModel: 'small',
    fallbackText: 'As it stands in the passages.',
  })
  assert.equal(text.text, 'As it stands in the passages.')
  assert.equal(text.endpoint, undefined)
  await assert.rejects(router.routeRequest('Hi', { preferredModel: 'small' }), {
    code: 'unavailable',
  })
})

test('a late first token is answered by another endpoint where hedging is on', async () => {
  await using all = await pair('silence', { hedge: { after: 20, most: 1 } }, { firstTokenMs: 10_000 })
  const answer = await all.router.routeRequest('Hi')
  assert.equal(answer.endpoint, 'good')
  assert.deepEqual(
    answer.attempts.map(({ endpoint, hedge, outcome }) => [endpoint, hedge, outcome]),
    [
      ['bad', false, 'cancelled'],
      ['good', true, 'begun'],
    ],
  )
})
