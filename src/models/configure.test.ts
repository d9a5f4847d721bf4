import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ModelServer } from '../../test/servers/model-server.ts'
import { openCall } from '../core/call.ts'
import { configureModels } from './configure.ts'

test('nothing configured is nothing', async () => {
  await using models = await configureModels({})
  assert.deepEqual([models.embedder, models.reranker], [undefined, undefined])
})

test('what is configured works, and servers are contacted only when they are used', async () => {
  await using server = await ModelServer.start({ apiKey: 'k' })
  await using models = await configureModels({
    embedder: { kind: 'openai', url: server.baseUrl, apiKey: 'k', model: 'e', dimensions: 16 },
    reranker: { kind: 'tei', url: server.origin, apiKey: 'k' },
  })
  assert.equal(server.connections, 0)
  assert.equal(models.embedder?.id, 'e@16')
  using call = openCall({ tenant: 't', budgetMs: 10_000 })
  assert.equal((await models.embedder?.embed(['a'], 'passage', call))?.[0]?.length, 16)
  assert.deepEqual(await models.reranker?.rerank('a', ['b', 'a'], call), [0, 1])
})

test('disposing closes the connections', async () => {
  await using server = await ModelServer.start()
  {
    await using models = await configureModels({ reranker: { kind: 'cohere', url: server.origin } })
    using call = openCall({ tenant: 't', budgetMs: 10_000 })
    await models.reranker?.rerank('a', ['a'], call)
    assert.equal(server.sockets, 1)
  }
  await server.until(() => server.sockets === 0)
})

test('what cannot be right is refused by the name of its key', async () => {
  await assert.rejects(configureModels({ embedder: { kind: 'openai', model: 'm' } }), {
    code: 'invalid',
    message: /ANDON_EMBEDDER_URL/,
  })
  await assert.rejects(configureModels({ embedder: { kind: 'tei', url: 'http://x' } }), {
    code: 'invalid',
    message: /ANDON_EMBEDDER_MODEL/,
  })
})
