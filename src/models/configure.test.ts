import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ModelServer } from '../../test/servers/model-server.ts'
import { openCall } from '../core/call.ts'
import { configureModels } from './configure.ts'

test('nothing configured is nothing, and a key alone sends nothing anywhere', async () => {
  await using none = await configureModels({})
  await using key = await configureModels({ models: { apiKey: 'k' } })
  for (const models of [none, key])
    assert.deepEqual([models.chat, models.embedder, models.reranker], [undefined, undefined, undefined])
})

test('what is configured works, and servers are contacted only when they are used', async () => {
  await using server = await ModelServer.start({ apiKey: 'k' })
  await using models = await configureModels({
    models: { baseUrl: server.origin, apiKey: 'k', model: 'm', contextTokens: 2_048 },
    embedder: { kind: 'openai', url: server.baseUrl, apiKey: 'k', model: 'e', dimensions: 16 },
    reranker: { kind: 'tei', url: server.origin, apiKey: 'k' },
  })
  assert.equal(server.connections, 0)
  assert.deepEqual([models.chat?.name, models.chat?.contextTokens, models.embedder?.id], ['m', 2_048, 'e@16'])
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
  await assert.rejects(configureModels({ models: { model: 'm' } }), { code: 'invalid', message: /OPENAI_BASE_URL/ })
  await assert.rejects(configureModels({ models: { baseUrl: 'ftp://x' } }), {
    code: 'invalid',
    message: /OPENAI_BASE_URL is "ftp:\/\/x"/,
  })
  await assert.rejects(configureModels({ embedder: { kind: 'openai', model: 'm' } }), {
    code: 'invalid',
    message: /ANDON_EMBEDDER_URL/,
  })
  await assert.rejects(configureModels({ embedder: { kind: 'tei', url: 'http://x' } }), {
    code: 'invalid',
    message: /ANDON_EMBEDDER_MODEL/,
  })
})
