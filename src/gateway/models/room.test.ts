// A prompt goes where there is room for it, as far as its bytes tell; what they cannot tell is for the endpoints to say.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestGateway } from '../../../test/router/gateway.ts'
import { openModelServer, sayWhole } from '../../../test/router/upstream-server.ts'
import { ConcurrentRouter } from '../../router/index.ts'

describe('A prompt', () => {
  it('goes at once to an endpoint that takes it, and to any when none seems to', async () => {
    await using server = await openModelServer((came) => sayWhole(came, 'Hello'))
    await using router = new ConcurrentRouter({
      endpoints: [
        { name: 'small', url: server.url, contextTokens: 1_000 },
        { name: 'large', url: server.url, contextTokens: 10_000 },
      ],
    })
    await using door = await openTestGateway(router)
    const endpoints = async (content: string, fields: object = {}): Promise<string[]> => {
      const messages = [{ role: 'user', content }]
      const responses = await Promise.all(Array.from({ length: 4 }, () => door.chat({ messages, ...fields })))
      await Promise.all(responses.map((response) => response.text()))
      assert.ok(responses.every(({ status, headers }) => status === 200 && headers.get('x-andon-attempts') === '1'))
      return [...new Set(responses.map(({ headers }) => headers.get('x-andon-endpoint') ?? ''))].sort()
    }
    assert.deepEqual(await endpoints('Hello?'), ['large', 'small'])
    assert.deepEqual(await endpoints('Hello? '.repeat(1_000)), ['large'])
    assert.deepEqual(await endpoints('Hello?', { max_tokens: 2_000 }), ['large'])
    assert.notEqual((await endpoints('Hello! '.repeat(10_000))).length, 0)
  })
})
