// Requests as bytes go down the chain of models: through the gateway, the real router and real servers.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ChatModel, ChatRequest } from '../../src/models/model.ts'
import { ConcurrentRouter, type RouterOptions } from '../../src/router/index.ts'
import { openTestGateway, type TestGateway } from './gateway.ts'
import { frame, openModelServer, sayWhole, streamWords, type Came, type ModelServer } from './upstream-server.ts'

function good(came: Came): void {
  if (came.body.includes('"stream":true')) streamWords(came, ['Good', ' answer'])
  else sayWhole(came, 'Good answer')
}

function modelIn(came: Came | undefined): unknown {
  const body: unknown = JSON.parse(came?.body.toString() ?? 'null')
  return Reflect.get(Object(body), 'model')
}

function heard({ status, headers }: Response): unknown[] {
  return [status, headers.get('x-andon-endpoint'), headers.get('x-andon-model'), headers.get('x-andon-degraded')]
}

/** A gateway over the model `first`, whose server behaves so, and the model `second`, whose server is well. */
async function withChain(
  behave: (came: Came) => void,
  test: (door: TestGateway, second: ModelServer, router: ConcurrentRouter) => Promise<void>,
  options: RouterOptions = { fallback: ['first', 'second'] },
): Promise<void> {
  await using one = await openModelServer(behave)
  await using two = await openModelServer(good)
  await using router = new ConcurrentRouter({
    endpoints: [
      {
        name: 'one',
        url: one.url,
        model: 'first-8b',
        serves: ['first'],
        can: ['chat', 'completions', 'embeddings'],
        maxConcurrent: 1,
        firstTokenMs: 60_000,
      },
      { name: 'two', url: two.url, serves: ['second', 'third'], can: ['chat', 'embeddings'] },
    ],
    ...options,
  })
  await using door = await openTestGateway(router)
  await test(door, two, router)
  assert.equal(router.state().inFlight, 0)
}

const engine = (asked: ChatRequest[]): ChatModel => ({
  name: 'tiny',
  async *chat(request) {
    asked.push(request)
    yield { type: 'text-delta', text: 'From here' }
    yield { type: 'finish', reason: 'stop' }
  },
})

describe('A request for a model that cannot answer', () => {
  const troubles: [string, (came: Came) => void][] = [
    ['fails', ({ response }) => response.writeHead(500).end('{}')],
    ['rests beyond the deadline', ({ response }) => response.writeHead(429, { 'retry-after': '3600' }).end('{}')],
  ]
  for (const [what, behave] of troubles)
    for (const stream of [true, false])
      it(`which ${what}: the next of the chain answers, under its own name, ${stream ? 'word by word' : 'whole'}`, async () => {
        await withChain(behave, async (door, second) => {
          const response = await door.chat({ model: 'first', stream })
          assert.match(await response.text(), stream ? /Good.*\[DONE\]/s : /Good answer/)
          assert.deepEqual(heard(response), [200, 'two', 'second', 'first'])
          assert.equal(response.headers.get('x-andon-attempts'), '2')
          assert.equal(modelIn(second.came[0]), 'second')
        })
      })

  it('which is full for half of the time: the next of the chain answers in the other half', async () => {
    const { promise: taken, resolve: take } = Promise.withResolvers<Came>()
    await withChain(take, async (door) => {
      const held = door.chat({ model: 'first' })
      const holder = await taken
      const response = await door.chat({ model: 'first' }, { headers: { 'x-request-deadline-ms': '1500' } })
      assert.deepEqual(heard(response), [200, 'two', 'second', 'first'])
      await response.text()
      sayWhole(holder, 'Late')
      assert.match(await (await held).text(), /Late/)
    })
  })

  it('whose caller leaves, in line, before the first word or after it: the server hears it, and nobody else is asked', async () => {
    for (const begin of [
      () => {},
      ({ response }: Came): void => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(frame({ content: 'First' }))
      },
    ]) {
      const { promise: came, resolve: come } = Promise.withResolvers<void>()
      const { promise: left, resolve: leave } = Promise.withResolvers<void>()
      const behave = (one: Came): void => {
        one.response.once('close', leave)
        begin(one)
        come()
      }
      await withChain(behave, async (door, second, router) => {
        const caller = new AbortController()
        const stream = door.chat({ model: 'first', stream: true }, { signal: caller.signal })
        const asking = assert.rejects(stream.then((response) => response.text()))
        await came
        const waiter = new AbortController()
        const waiting = assert.rejects(door.chat({ model: 'first' }, { signal: waiter.signal }))
        while (router.state().waiting === 0) await new Promise((resolve) => setImmediate(resolve))
        waiter.abort()
        while (router.state().waiting > 0) await new Promise((resolve) => setImmediate(resolve))
        caller.abort()
        await left
        await Promise.all([asking, waiting])
        while (router.state().inFlight > 0) await new Promise((resolve) => setImmediate(resolve))
        assert.equal(second.came.length, 0)
      })
    }
  })

  it('and stands in no chain: the chain follows it', async () => {
    await withChain(
      ({ response }) => response.destroy(),
      async (door) => {
        assert.deepEqual(heard(await door.chat({ model: 'first' })), [200, 'two', 'third', 'first'])
      },
      { fallback: ['nobody-serves-this', 'third'] },
    )
  })

  it('and has no chain: the caller hears why', async () => {
    await withChain(
      ({ response }) => response.writeHead(500).end('{}'),
      async (door, second) => {
        assert.equal((await door.chat({ model: 'first' })).status, 503)
        assert.equal(second.came.length, 0)
      },
      {},
    )
  })

  it('is not asked of another when the request itself is wrong', async () => {
    await withChain(
      ({ response }) => response.writeHead(400).end('{"error":{"message":"temperature is too high"}}'),
      async (door, second) => {
        const response = await door.chat({ model: 'first' })
        assert.equal(response.status, 400)
        assert.match(await response.text(), /temperature/)
        assert.equal(second.came.length, 0)
      },
    )
  })

  it('and wants vectors: those of another model would mean something else', async () => {
    await withChain(
      ({ response }) => response.writeHead(500).end('{}'),
      async (door, second) => {
        const response = await fetch(`${door.gateway.url}/v1/embeddings`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{"model":"first","input":"text"}',
        })
        assert.equal(response.status, 503)
        assert.equal(second.came.length, 0)
      },
    )
  })
})

describe('A chain that ends in this process', () => {
  it('at an endpoint whose model runs here', async () => {
    const asked: ChatRequest[] = []
    const broken = await openModelServer(good)
    await broken[Symbol.asyncDispose]()
    await using router = new ConcurrentRouter({
      endpoints: [
        { name: 'one', url: broken.url, model: 'first' },
        { name: 'file', url: 'http://127.0.0.1', model: 'tiny', can: ['chat'] },
      ],
      engines: { file: engine(asked) },
      fallback: ['first', 'tiny'],
    })
    await using door = await openTestGateway(router)
    const response = await door.chat({ model: 'first', stream: true })
    assert.deepEqual(heard(response), [200, 'file', 'tiny', 'first'])
    assert.match(await response.text(), /"model":"tiny".*From here.*\[DONE\]/s)
    assert.equal(asked[0]?.model, 'tiny')
  })

  it('at the last resort, which stands at no endpoint, and is written down all the same', async () => {
    await withChain(
      ({ response }) => response.destroy(),
      async (door, second, router) => {
        second.behave = ({ response }) => response.destroy()
        const records: unknown[] = []
        router.subscribe((event) => {
          if (event.type === 'record') records.push([event.record.outcome, event.record.attempts.length])
        })
        const response = await door.chat({ model: 'first' })
        assert.deepEqual(heard(response), [200, null, 'tiny', 'first'])
        assert.match(await response.text(), /"model":"tiny".*From here/)
        assert.deepEqual(records, [['ok', 2]])
      },
      { fallback: ['first', 'second'], lastResort: engine([]) },
    )
  })
})

describe('A name of a model', () => {
  it('is told in a header whatever it is made of', async () => {
    await using server = await openModelServer(good)
    await using router = new ConcurrentRouter({ endpoints: [{ name: 'any', url: server.url }] })
    await using door = await openTestGateway(router)
    for (const [name, told] of [
      ['größe\r\nx: y', 'gr%C3%B6%C3%9Fe%0D%0Ax: y'],
      ['\ud800', '%EF%BF%BD'],
    ] as const) {
      const response = await door.chat({ model: name })
      assert.deepEqual(heard(response), [200, 'any', told, null])
      assert.equal(modelIn(server.came.at(-1)), name)
    }
  })
})

describe('The time of a request', () => {
  it('is the smaller of the router’s and the caller’s', async () => {
    await withChain(
      () => {},
      async (door) => {
        assert.equal((await door.chat({ model: 'first' })).status, 504)
        const wish = { headers: { 'x-request-deadline-ms': '600000' } }
        assert.equal((await door.chat({ model: 'first' }, wish)).status, 504)
      },
      { budgetMs: 100 },
    )
  })
})
