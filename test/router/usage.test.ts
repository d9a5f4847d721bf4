// What a request used, wherever it came in: in the record, in its cost, in the metrics and for the caller.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Registry } from 'prom-client'
import { addModelMeters } from '../../src/gateway/models/meters.ts'
import type { ChatModel } from '../../src/models/model.ts'
import { ConcurrentRouter, type RouterOptions, type UsageRecord } from '../../src/router/index.ts'
import { openTestGateway } from './gateway.ts'
import { ModelServer } from './model-server.ts'

/** A router over one server, with everything that it writes down. */
async function withRecords(
  test: (router: ConcurrentRouter, records: UsageRecord[], server: ModelServer) => Promise<void>,
  options: RouterOptions = {},
): Promise<void> {
  await using server = await ModelServer.start()
  const cost = { promptPerMillion: 1_000_000, completionPerMillion: 500_000 }
  await using router = new ConcurrentRouter({
    endpoints: [{ name: 'a', url: server.url, model: 'm', cost, can: ['chat', 'embeddings', 'rerank'] }],
    ...options,
  })
  const records: UsageRecord[] = []
  router.subscribe((event) => void (event.type === 'record' && records.push(event.record)))
  await test(router, records, server)
}

/** A model in this process, as those of other protocols: it had two of three tokens before. */
const cachedHere: ChatModel = {
  name: 'here',
  async *chat() {
    yield { type: 'text-delta', text: 'Hello' }
    yield { type: 'usage', usage: { promptTokens: 3, completionTokens: 1, cachedTokens: 2, estimated: false } }
    yield { type: 'finish', reason: 'stop' }
  },
}

describe('What the server had in its cache', () => {
  it('is written down of chats of the library, and costs as the rest of the prompt', async () => {
    await withRecords(async (router, records, server) => {
      await router.routeRequest('Hi')
      server.cachedTokens = 4
      await router.routeRequest('Hi')
      assert.deepEqual(
        records.map(({ promptTokens, cachedTokens, cost }) => [promptTokens, cachedTokens, cost]),
        [
          [7, undefined, 8],
          [7, 4, 8],
        ],
      )
    })
  })

  it('has a price of its own where the endpoint says one', async () => {
    await withRecords(async (router, records, server) => {
      const cost = { promptPerMillion: 1_000_000, completionPerMillion: 500_000, cachedPerMillion: 100_000 }
      router.update([{ name: 'a', url: server.url, model: 'm', cost }])
      server.cachedTokens = 5
      await router.routeRequest('Hi')
      // More than the whole prompt is not believed.
      server.cachedTokens = 9
      await router.routeRequest('Hi')
      assert.deepEqual(
        records.map(({ cost }) => cost),
        [3.5, 1.7],
      )
    })
  })

  it('is written down and counted of what passes through', async () => {
    await withRecords(async (router, records, server) => {
      server.cachedTokens = 4
      await using door = await openTestGateway(router)
      await (await door.chat({ stream: true })).text()
      assert.partialDeepStrictEqual(records, [{ promptTokens: 7, cachedTokens: 4, outputTokens: 2, estimated: false }])
      const metrics = await (await fetch(`${door.gateway.url}/metrics`)).text()
      assert.match(metrics, /andon_endpoint_tokens_total\{endpoint="a",kind="prompt"\} 7/)
      assert.match(metrics, /andon_endpoint_tokens_total\{endpoint="a",kind="cached"\} 4/)
    })
  })

  it('is told to callers of endpoints of other protocols', async () => {
    await withRecords(
      async (router, records) => {
        await using door = await openTestGateway(router)
        const usage =
          '"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4,"prompt_tokens_details":{"cached_tokens":2}}'
        for (const fields of [{}, { stream: true, stream_options: { include_usage: true } }])
          assert.ok((await (await door.chat({ model: 'here', ...fields })).text()).includes(usage))
        assert.deepEqual(
          records.map(({ cachedTokens }) => cachedTokens),
          [2, 2],
        )
      },
      { endpoints: [{ name: 'a', url: 'http://127.0.0.1', model: 'here' }], engines: { a: cachedHere } },
    )
  })
})

describe('The model of a record', () => {
  it('is the one that answered, also when nobody named one', async () => {
    await withRecords(async (router, records) => {
      const { model } = await router.routeRequest('Hi')
      assert.deepEqual([model, records[0]?.model], ['m', 'm'])
    })
  })

  it('is the last resort when that answered, and none when a text did', async () => {
    for (const [options, model] of [
      [{ lastResort: cachedHere }, 'here'],
      [{}, undefined],
    ] as const)
      await withRecords(async (router, records, server) => {
        await server.stop()
        await router.routeRequest('Hi', { fallbackText: 'Nobody is there.' })
        assert.deepEqual([records[0]?.model, records[0]?.endpoint, records[0]?.outcome], [model, undefined, 'ok'])
      }, options)
  })
})

/** Asks for something that fails, in the ways in which one may ask: messages, texts, bytes. */
const failing: [string, (router: ConcurrentRouter, budgetMs: number) => Promise<unknown>][] = [
  ['a chat', (router, budgetMs) => assert.rejects(router.routeRequest('Hi', { budgetMs }))],
  ['texts', (router, budgetMs) => assert.rejects(router.embed(['one'], { model: 'm', budgetMs }))],
  [
    'bytes',
    async (router, budgetMs) => {
      await using door = await openTestGateway(router)
      const response = await door.chat({}, { headers: { 'x-request-deadline-ms': String(budgetMs) } })
      assert.ok(response.status >= 500)
    },
  ],
]

describe('The time in line of what failed', () => {
  for (const [what, fail] of failing) {
    it(`is not that of its attempts: ${what}`, async () => {
      await withRecords(async (router, records, server) => {
        server.manner = '500'
        await fail(router, 10_000)
        const [{ attempts, waitedMs, totalMs } = { attempts: [], waitedMs: 0, totalMs: 0 }] = records
        assert.ok(attempts.length > 1)
        const tried = attempts.reduce((sum, { ms }) => sum + ms, 0)
        assert.ok(waitedMs + tried <= totalMs, `${waitedMs} ms in line, ${tried} ms tried, ${totalMs} ms in all`)
      })
    })

    it(`is told when it never had a place: ${what}`, async () => {
      await withRecords(async (router, records, server) => {
        router.update([{ name: 'a', url: server.url, model: 'm', can: ['chat', 'embeddings'], maxConcurrent: 1 }])
        server.manner = 'hang'
        const leave = new AbortController()
        const holding = assert.rejects(router.routeRequest('Hi', { signal: leave.signal }))
        await fail(router, 50)
        leave.abort()
        await holding
        const [{ attempts, waitedMs } = { attempts: undefined, waitedMs: 0 }] = records
        assert.deepEqual(attempts, [])
        assert.ok(waitedMs > 0)
      })
    })
  }
})

describe('Metrics of endpoints', () => {
  it('count what goes through the library like what passes through', async () => {
    await withRecords(
      async (router, _records, server) => {
        const registry = new Registry()
        using meters = addModelMeters(registry, router)
        server.textsUsage = { usage: { prompt_tokens: 5, total_tokens: 5 } }
        await router.routeRequest('Hi')
        await router.embed(['one', 'two'], { model: 'm' })
        server.manner = '500'
        await assert.rejects(router.rerank('q', ['one'], { model: 'm' }))
        meters.look()
        const metrics = await registry.metrics()
        assert.match(metrics, /andon_endpoint_attempts_total\{endpoint="a",outcome="begun"\} 2/)
        assert.match(metrics, /andon_endpoint_attempts_total\{endpoint="a",outcome="failed"\} \d/)
        assert.match(metrics, /andon_endpoint_first_token_seconds_count\{endpoint="a"\} 2/)
        assert.match(metrics, /andon_endpoint_tokens_total\{endpoint="a",kind="prompt"\} 12/)
        assert.match(metrics, /andon_endpoint_tokens_total\{endpoint="a",kind="completion"\} 2/)
      },
      { attempts: 1 },
    )
  })
})

describe('Vectors and scores', () => {
  it('took what the server says, under any of the names for it', async () => {
    await withRecords(async (router, records, server) => {
      for (const said of [
        { usage: { prompt_tokens: 5, total_tokens: 6 } },
        { usage: { total_tokens: 6 } },
        { meta: { tokens: { input_tokens: 8 } } },
      ]) {
        server.textsUsage = said
        await router.embed(['one', 'two'], { model: 'm' })
        await router.rerank('q', ['one', 'two'], { model: 'm' })
      }
      assert.deepEqual(
        records.map(({ promptTokens, estimated, cost }) => [promptTokens, estimated, cost]),
        [5, 5, 6, 6, 8, 8].map((tokens) => [tokens, false, tokens]),
      )
    })
  })

  it('are estimated where the server says nothing, and 0 is nothing', async () => {
    await withRecords(async (router, records, server) => {
      await router.embed(['one'], { model: 'm' })
      server.textsUsage = { usage: { prompt_tokens: 0, total_tokens: 0 } }
      await router.rerank('q', ['one'], { model: 'm' })
      assert.ok(records.every(({ estimated, promptTokens }) => estimated && promptTokens > 0))
      assert.equal(records.length, 2)
    })
  })
})

describe('A listener', () => {
  it('that wants no records hears none, and everything else', async () => {
    await withRecords(
      async (router, records, server) => {
        const heard: string[] = []
        const stop = router.subscribe(({ type }) => heard.push(type), { records: false })
        await router.routeRequest('Hi')
        assert.deepEqual([heard, records.length], [[], 1])
        server.manner = '401'
        await assert.rejects(router.routeRequest('Hi'))
        assert.deepEqual(heard, ['endpoint-down'])
        stop()
      },
      { attempts: 1 },
    )
  })
})
