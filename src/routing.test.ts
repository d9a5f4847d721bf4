import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { engine, skip, tinyModels } from '../test/models/llama.ts'
import { ModelServer } from '../test/servers/model-server.ts'
import { openCall } from './core/call.ts'
import { configureModels } from './models/configure.ts'
import type { OptionsInput } from './options.ts'
import { parseOptions } from './parse-options.ts'
import { createPlaces } from './places/places.ts'
import { poolsFor } from './placement.ts'
import { openRouting, type Routing } from './routing.ts'

async function routingOf(models: OptionsInput['models']): Promise<Routing> {
  return openRouting(parseOptions({ models }).models, createPlaces({}))
}

test('nothing configured is nothing, and a key alone sends nothing anywhere', async () => {
  for (const models of [{}, { apiKey: 'k' }]) {
    await using routing = await routingOf(models)
    assert.deepEqual([routing.router, routing.chat], [undefined, undefined])
  }
})

test('a server is contacted only when it is used, and the name of its model is passed on', async () => {
  await using server = await ModelServer.start({ apiKey: 'k' })
  await using routing = await routingOf({ baseUrl: server.origin, apiKey: 'k', model: 'm' })
  assert.equal(server.connections, 0)
  assert.equal(routing.chat?.name, 'm')
  assert.deepEqual(
    routing.router?.models().map(({ id }) => id),
    ['m'],
  )
  using call = openCall({ tenant: 't', budgetMs: 10_000 })
  let text = ''
  for await (const event of routing.chat?.chat({ messages: [{ role: 'user', content: 'Hello' }] }, call) ?? [])
    if (event.type === 'text-delta') text += event.text
  assert.notEqual(text, '')
})

test('other endpoints leave answers the model that they ask for', async () => {
  await using routing = await routingOf({ baseUrl: 'http://127.0.0.1:1', model: 'm' })
  const more = [{ name: 'more', url: 'http://127.0.0.1:2', model: 'n' }]
  routing.update(parseOptions({ models: { baseUrl: 'http://127.0.0.1:3', model: 'other', endpoints: more } }).models)
  assert.deepEqual(
    routing.router?.models().map(({ id }) => id),
    ['m', 'n'],
  )
})

test('messages about the server of the environment name its variables', async () => {
  await using routing = await routingOf({ baseUrl: 'http://127.0.0.1:1', model: 'm' })
  using call = openCall({ tenant: 't', budgetMs: 10_000 })
  await assert.rejects(
    async () => {
      for await (const event of routing.chat?.chat({ messages: [{ role: 'user', content: 'Hello' }] }, call) ?? [])
        assert.fail(event.type)
    },
    { code: 'unavailable', message: /OPENAI_BASE_URL/ },
  )
})

test('a model without a server is refused by the name of its key', async () => {
  await assert.rejects(routingOf({ model: 'm' }), { code: 'invalid', message: /OPENAI_BASE_URL/ })
})

test('vectors and scores come from endpoints, too', async () => {
  await using server = await ModelServer.start()
  const endpoint = { url: server.origin, can: ['embeddings' as const, 'rerank' as const] }
  await using routing = await routingOf({
    endpoints: [
      { ...endpoint, name: 'down', url: 'http://127.0.0.1:1', model: 'e' },
      { ...endpoint, name: 'up', model: 'e' },
    ],
  })
  const { router } = routing
  const kind = 'router' as const
  const options = { embedder: { kind, model: 'e' }, reranker: { kind, model: 'e' } }
  await using models = await configureModels(options, { router })
  using call = openCall({ tenant: 't', budgetMs: 10_000 })
  assert.equal((await models.embedder?.embed(['a', 'b'], 'passage', call))?.length, 2)
  assert.equal((await models.reranker?.rerank('a', ['b', 'a'], call))?.length, 2)
  await assert.rejects(configureModels(options), { code: 'invalid', message: /models\.endpoints/ })
})

describe('a model in a file', { skip }, () => {
  it('answers by its name, and when the server does not', async () => {
    await using models = await tinyModels()
    const llama = { path: models.chat, contextTokens: 512, ...engine }
    for (const given of [
      { llama },
      { llama, baseUrl: 'http://127.0.0.1:1' },
      { llama, baseUrl: 'http://127.0.0.1:1', model: 'm' },
    ]) {
      const options = parseOptions({ models: given })
      await using places = createPlaces(poolsFor(options))
      await using routing = await openRouting(options.models, places)
      using call = openCall({ tenant: 't', budgetMs: 60_000 })
      const request = { messages: [{ role: 'user' as const, content: 'Hello' }], maxTokens: 4 }
      const events = await Array.fromAsync(routing.chat?.chat(request, call) ?? [])
      assert.equal(events.at(-1)?.type, 'finish')
    }
  })

  it('makes vectors and scores', async () => {
    await using files = await tinyModels()
    const options = parseOptions({
      embedder: { kind: 'llama', model: files.embedder },
      reranker: { kind: 'llama', model: files.reranker },
    })
    await using places = createPlaces(poolsFor(options))
    await using models = await configureModels(options, { places, engine })
    using call = openCall({ tenant: 't', budgetMs: 60_000 })
    assert.equal((await models.embedder?.embed(['a', 'b'], 'passage', call))?.length, 2)
    assert.equal((await models.reranker?.rerank('a', ['b', 'a'], call))?.length, 2)
  })
})
