// What answers from documents cost is charged to the key that they were asked with.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openGateway } from '../../src/gateway/server.ts'
import { ModelServer } from '../servers/model-server.ts'
import { openLibrary, travel } from './library.ts'

test('a key whose budget is used up gets the words of the documents, and is told why; another gets an answer', async () => {
  await using server = await ModelServer.start({ chat: () => 'The finance director approves it [1].' })
  await using factory = await openLibrary([travel], {
    cache: { answers: false },
    models: {
      endpoints: [{ name: 'one', url: server.origin, model: 'scripted' }],
      budgets: [{ of: 'key', name: 'poor', tokensPerDay: 1 }],
    },
  })
  await using gateway = await openGateway(factory, { port: 0 })
  const ask = async (secret: string): Promise<{ mode: string; degraded: { message: string }[] }> => {
    const response = await fetch(`${gateway.url}/v1/ask`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({ question: 'Who approves travel over 2,500 euros?' }),
    })
    const text = await response.text()
    assert.equal(response.status, 200, text)
    return JSON.parse(text)
  }
  const { secret: poor } = await factory.createKey({ name: 'poor', scopes: ['ask'] })
  const { secret: rich } = await factory.createKey({ name: 'rich', scopes: ['ask'] })
  assert.equal((await ask(poor)).mode, 'generated')
  const refused = await ask(poor)
  assert.equal(refused.mode, 'extractive')
  assert.match(refused.degraded[0]?.message ?? '', /The key "poor" has used/)
  assert.equal((await ask(rich)).mode, 'generated')
})
