// Both embedding protocols keep the same promises: each test runs with each of them.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hashedVector } from '../../test/servers/hashed-vectors.ts'
import { ModelServer } from '../../test/servers/model-server.ts'
import type { ModelServerOptions } from '../../test/servers/model-server.ts'
import { openCall } from '../core/call.ts'
import type { EmbedderOptions } from './embedding-options.ts'
import { OpenAiEmbedder } from './openai-embeddings.ts'
import { TeiEmbedder } from './tei.ts'

const texts = Array.from({ length: 50 }, (_, index) => `text ${index} 数据`)

function near(actual: Float32Array | undefined, expected: Float32Array): void {
  assert.equal(actual?.length, expected.length)
  assert.ok(expected.every((value, index) => Math.abs(value - (actual?.[index] ?? NaN)) < 1e-6))
}

const protocols = [
  { name: 'openai', path: '/v1/embeddings', make: (options: EmbedderOptions) => new OpenAiEmbedder(options) },
  { name: 'tei', path: '/embed', make: (options: EmbedderOptions) => new TeiEmbedder(options) },
]

for (const { name, path, make } of protocols) {
  const started = async (server: ModelServerOptions = {}, options: Partial<EmbedderOptions> = {}) => {
    const stack = new AsyncDisposableStack()
    const model = stack.use(await ModelServer.start(server))
    const embedder = stack.use(make({ url: model.origin, model: 'm', ...options }))
    return { server: model, embedder, [Symbol.asyncDispose]: () => stack.disposeAsync() }
  }

  describe(name, () => {
    test('vectors come in the order of the texts', async () => {
      await using parts = await started({}, { batch: 7 })
      using call = openCall({ tenant: 't', budgetMs: 10_000 })
      const vectors = await parts.embedder.embed(texts, 'passage', call)
      assert.equal(vectors.length, texts.length)
      for (const [index, text] of texts.entries()) near(vectors[index], hashedVector(text, 32))
      assert.equal(parts.server.count(path), 8)
    })

    test('vectors have length 1, whatever the server gives', async () => {
      await using parts = await started({ vector: (_, vector) => vector.map((value) => value * 7) })
      using call = openCall({ tenant: 't', budgetMs: 10_000 })
      const [vector] = await parts.embedder.embed(['red fox'], 'question', call)
      near(vector, hashedVector('red fox', 32))
    })

    test('long texts travel in smaller batches', async () => {
      await using parts = await started()
      using call = openCall({ tenant: 't', budgetMs: 10_000 })
      await parts.embedder.embed(
        Array.from({ length: 4 }, () => 'word '.repeat(4_000)),
        'passage',
        call,
      )
      assert.equal(parts.server.count(path), 4)
    })

    test('a server that takes fewer at once gets fewer at once, and is not asked for more again', async () => {
      await using parts = await started({ mostInputs: 5 }, { concurrency: 1 })
      using call = openCall({ tenant: 't', budgetMs: 10_000 })
      const vectors = await parts.embedder.embed(texts, 'passage', call)
      near(vectors[49], hashedVector(texts[49] ?? '', 32))
      const before = parts.server.count(path)
      await parts.embedder.embed(texts, 'passage', call)
      assert.ok(parts.server.count(path) - before >= 10)
      const sizes = parts.server.requests.slice(before).map(({ body }) => inputs(body))
      assert.ok(
        sizes.every((size) => size <= 5),
        `sizes ${sizes.join()}`,
      )
    })

    test('a server that is too slow for so many gets fewer', async () => {
      await using parts = await started(
        { fault: (_, __, body) => (inputs(body) > 4 ? { kind: 'hang-before-headers' } : undefined) },
        { timeoutMs: 200 },
      )
      using call = openCall({ tenant: 't', budgetMs: 20_000 })
      const vectors = await parts.embedder.embed(texts.slice(0, 16), 'passage', call)
      near(vectors[15], hashedVector(texts[15] ?? '', 32))
    })

    test('a busy server and a broken one are tried again', async () => {
      for (const status of [429, 503, 500]) {
        await using parts = await started({
          fault: (_, count) => (count < 2 ? { kind: 'status', status } : undefined),
        })
        using call = openCall({ tenant: 't', budgetMs: 10_000 })
        assert.equal((await parts.embedder.embed(['a'], 'passage', call)).length, 1)
        assert.equal(parts.server.count(path), 3)
      }
    })

    test('a wrong request is not tried again', async () => {
      await using parts = await started({ fault: () => ({ kind: 'status', status: 400 }) })
      using call = openCall({ tenant: 't', budgetMs: 10_000 })
      await assert.rejects(parts.embedder.embed(['a'], 'passage', call), { code: 'invalid' })
      assert.equal(parts.server.count(path), 1)
    })

    test('a pause that is longer than the call has left is not waited for', async () => {
      await using parts = await started({
        fault: () => ({ kind: 'status', status: 429, headers: { 'retry-after': '60' } }),
      })
      using call = openCall({ tenant: 't', budgetMs: 10_000 })
      await assert.rejects(parts.embedder.embed(['a'], 'passage', call), { code: 'overloaded', retryAfterMs: 60_000 })
      assert.equal(parts.server.count(path), 1)
    })

    test('aborting closes the sockets', async () => {
      await using parts = await started({ fault: () => ({ kind: 'hang-before-headers' }) }, { batch: 10 })
      const controller = new AbortController()
      using call = openCall({ tenant: 't', signal: controller.signal })
      const embedding = parts.embedder.embed(texts, 'passage', call)
      await parts.server.until((server) => server.count(path) === 4)
      controller.abort()
      await assert.rejects(embedding, { code: 'cancelled' })
      await parts.server.until((server) => server.cancelled === 4 && server.sockets === 0)
    })

    test('no more requests than allowed are on their way, over all callers', async () => {
      await using parts = await started({ delayMs: 3 }, { batch: 1, concurrency: 2 })
      using call = openCall({ tenant: 't', budgetMs: 10_000 })
      await Promise.all([1, 2, 3].map(() => parts.embedder.embed(texts.slice(0, 8), 'passage', call)))
      assert.equal(parts.server.count(path), 24)
      assert.equal(parts.server.mostRunning, 2)
    })

    test('an exchanged model is found by its dimension', async () => {
      let dimension = 32
      await using parts = await started({ vector: (text) => hashedVector(text, dimension) })
      using call = openCall({ tenant: 't', budgetMs: 10_000 })
      await parts.embedder.embed(['a'], 'passage', call)
      dimension = 16
      await assert.rejects(parts.embedder.embed(['a'], 'passage', call), {
        code: 'unavailable',
        message: /16 numbers where 32 are expected/,
      })
      await using configured = await started({}, { dimensions: 64 })
      if (name === 'tei') await assert.rejects(configured.embedder.embed(['a'], 'passage', call), /64 are expected/)
      else assert.equal((await configured.embedder.embed(['a'], 'passage', call))[0]?.length, 64)
    })

    test('a vector that is no vector is refused', async () => {
      await using parts = await started({ vector: (_, vector) => vector.fill(NaN) })
      using call = openCall({ tenant: 't', budgetMs: 10_000 })
      await assert.rejects(parts.embedder.embed(['a'], 'passage', call), { code: 'unavailable' })
    })

    test('passages and questions get their prefixes, and the id tells', async () => {
      await using parts = await started({}, { prefixes: { passage: 'passage: ', question: 'query: ' } })
      await using plain = await started()
      using call = openCall({ tenant: 't', budgetMs: 10_000 })
      await parts.embedder.embed(['a'], 'passage', call)
      await parts.embedder.embed(['a'], 'question', call)
      assert.deepEqual(
        parts.server.requests.map(({ body }) => firstInput(body)),
        ['passage: a', 'query: a'],
      )
      assert.equal(plain.embedder.id, 'm')
      assert.notEqual(parts.embedder.id, 'm')
    })

    test('nothing to embed asks nobody', async () => {
      await using parts = await started()
      using call = openCall({ tenant: 't', budgetMs: 10_000 })
      assert.deepEqual(await parts.embedder.embed([], 'passage', call), [])
      assert.equal(parts.server.requests.length, 0)
    })
  })
}

test('vectors travel as base64, and as numbers to a server that knows no base64', async () => {
  for (const embeddings of ['base64', 'float', 'refuse-base64'] as const) {
    await using server = await ModelServer.start({ embeddings })
    await using embedder = new OpenAiEmbedder({ url: server.baseUrl, model: 'm', batch: 10 })
    using call = openCall({ tenant: 't', budgetMs: 10_000 })
    const vectors = await embedder.embed(texts, 'passage', call)
    for (const [index, text] of texts.entries()) near(vectors[index], hashedVector(text, 32))
    const last = server.bodies<{ encoding_format?: string }>('/v1/embeddings').at(-1)
    assert.equal(last?.encoding_format, embeddings === 'refuse-base64' ? undefined : 'base64')
  }
})

function inputs(body: unknown): number {
  const { input, inputs } = body as { input?: string[]; inputs?: string[] }
  return (input ?? inputs ?? []).length
}

function firstInput(body: unknown): string | undefined {
  const { input, inputs } = body as { input?: string[]; inputs?: string[] }
  return (input ?? inputs ?? [])[0]
}

test('who tries elsewhere tries once, and names its own settings', async () => {
  await using server = await ModelServer.start({ fault: () => ({ kind: 'status', status: 503 }) })
  const settings = { address: 'url of the endpoint "a"', key: 'its key', model: 'its model' }
  await using embedder = new OpenAiEmbedder({ url: server.origin, model: 'm', attempts: 1, connectMs: 100, settings })
  using call = openCall({ tenant: 't', budgetMs: 10_000 })
  await assert.rejects(embedder.embed(['a'], 'passage', call), { code: 'unavailable' })
  assert.equal(server.count('/v1/embeddings'), 1)
  assert.throws(() => new OpenAiEmbedder({ url: 'ftp://a', model: 'm', settings }), /url of the endpoint "a"/)
})
