// What a server says that its model takes counts where nobody else said it, and no request waits for it.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { contextSaid, Contexts } from './contexts.ts'
import { endpointSchema, type ModelEndpoint } from './endpoint.ts'
import { SideQuestions } from './side-questions.ts'

test('what servers say is read: vLLM of each model, llama.cpp of its only one', () => {
  const listed = JSON.stringify({
    data: [
      { id: 'a', max_model_len: 4096 },
      { id: 'b', max_model_len: null },
    ],
  })
  const one = JSON.stringify({ data: [{ id: 'a', max_model_len: 4096 }] })
  assert.equal(contextSaid(listed, 'a'), 4096)
  // Without a name it is said only of a server with one model.
  assert.deepEqual([contextSaid(listed, undefined), contextSaid(one, undefined)], [undefined, 4096])
  assert.equal(contextSaid(JSON.stringify({ default_generation_settings: { n_ctx: 2048 } }), 'a'), 2048)
  for (const text of ['<html>', '[]', '{"data":[{"id":"b"}]}', '{"data":[{"id":"b","max_model_len":"many"}]}', '7'])
    assert.equal(contextSaid(text, 'b'), undefined, text)
})

test('a server is asked of what its owner does not say, once in a while, and heard when it says another length', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  let length = 4096
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end(JSON.stringify({ data: [{ id: 'm', max_model_len: length }] }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const endpoint: ModelEndpoint = { name: 'a', url, protocol: 'vllm', model: 'm' }
  const own: ModelEndpoint = { ...endpoint, name: 'own', url: `${url}/v1`, contextTokens: 100 }
  await using questions = new SideQuestions()
  let told = Promise.withResolvers<void>()
  using contexts = new Contexts(questions, () => told.resolve())
  const update = (): void => contexts.update([endpoint, own].map((each) => endpointSchema.parse(contexts.filled(each))))
  update()
  assert.equal(contexts.filled(endpoint), endpoint)
  await told.promise
  assert.equal(contexts.filled(endpoint).contextTokens, 4096)
  assert.equal(contexts.filled(own).contextTokens, 100)
  update()
  assert.deepEqual(asked, ['/v1/models'])
  length = 8192
  told = Promise.withResolvers<void>()
  context.mock.timers.tick(600_000)
  await told.promise
  assert.equal(contexts.filled(endpoint).contextTokens, 8192)
  assert.deepEqual(asked, ['/v1/models', '/v1/models'])
  server.close()
})
