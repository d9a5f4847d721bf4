import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ModelServer } from '../../test/servers/model-server.ts'
import { ReplayServer } from '../../test/servers/replay-server.ts'
import { openCall } from '../core/call.ts'
import { RemoteReranker } from './rerank.ts'

const texts = Array.from({ length: 70 }, (_, index) => (index % 7 === 0 ? `red fox ${index}` : `grey mouse ${index}`))

for (const kind of ['cohere', 'tei'] as const) {
  test(`${kind}: scores come in the order of the texts, batch after batch`, async () => {
    await using server = await ModelServer.start({ mostInputs: 20 })
    await using reranker = new RemoteReranker({ kind, url: server.origin, model: 'r' })
    using call = openCall({ tenant: 't', budgetMs: 10_000 })
    const scores = await reranker.rerank('red fox', texts, call)
    assert.deepEqual(
      scores,
      texts.map((text) => (text.startsWith('red') ? 2 : 0)),
    )
  })

  test(`${kind}: a score too few is an error that names the setting`, async () => {
    await using server = await ModelServer.start({
      fault: () => ({ kind: 'status', status: 200, body: '{"results":[{"index":0,"relevance_score":1}]}' }),
    })
    await using reranker = new RemoteReranker({ kind, url: server.origin })
    using call = openCall({ tenant: 't', budgetMs: 10_000 })
    await assert.rejects(reranker.rerank('q', ['a', 'b'], call), {
      code: 'unavailable',
      message: /ANDON_RERANKER_KIND/,
    })
  })
}

test('the key and the model are sent, and the address may hold /v1 or the whole path', async () => {
  for (const tail of ['', '/v1', '/v1/rerank', '/rerank']) {
    await using server = await ModelServer.start({ apiKey: 'k' })
    await using reranker = new RemoteReranker({ kind: 'cohere', url: server.origin + tail, apiKey: 'k', model: 'r' })
    using call = openCall({ tenant: 't', budgetMs: 10_000 })
    assert.deepEqual(await reranker.rerank('a', ['a', 'b'], call), [1, 0])
    assert.equal(server.bodies<{ model?: string }>(server.requests[0]?.path ?? '')[0]?.model, 'r')
  }
})

test('aborting closes the socket', async () => {
  await using server = await ModelServer.start({ fault: () => ({ kind: 'hang-before-headers' }) })
  await using reranker = new RemoteReranker({ kind: 'tei', url: server.origin })
  const controller = new AbortController()
  using call = openCall({ tenant: 't', signal: controller.signal })
  const reranking = reranker.rerank('a', ['a'], call)
  await server.until(() => server.count('/rerank') === 1)
  controller.abort()
  await assert.rejects(reranking, { code: 'cancelled' })
  await server.until(() => server.sockets === 0)
})

test('the shapes of all servers are understood, wherever they have the path and whatever fields they refuse', async () => {
  const one = { index: 1, relevance_score: 0.9 }
  const other = { index: 0, relevance_score: 0.1 }
  for (const [shape, refused, path] of [
    [{ results: [one, other], meta: {} }, 'return_documents', '/rerank'],
    [{ object: 'list', data: [one, other], usage: {} }, 'top_n', '/v1/rerank'],
    [
      [
        { index: 1, score: 0.9, document: 'b' },
        { index: 0, score: 0.1 },
      ],
      'none',
      '/v1/rerank',
    ],
  ] as const) {
    await using server = await ReplayServer.start(({ url, body }) => {
      if (url !== path) return { status: 404, body: { detail: 'Not Found' } }
      if (refused in (body as object)) return { status: 422, body: { message: `unknown field: ${refused}` } }
      return { body: shape }
    })
    await using reranker = new RemoteReranker({ kind: 'cohere', url: server.origin, model: 'r' })
    using call = openCall({ tenant: 't', budgetMs: 10_000 })
    assert.deepEqual(await reranker.rerank('q', ['a', 'b'], call), [0.1, 0.9])
    const asked = server.requests.length
    assert.deepEqual(await reranker.rerank('q', ['a', 'b'], call), [0.1, 0.9])
    assert.equal(server.requests.length, asked + 1)
  }
})
