// Where a caller stands, at the door: what the router says of it, and the header where there is one.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestGateway } from '../../../test/router/gateway.ts'
import { openModelServer, sayWhole } from '../../../test/router/upstream-server.ts'
import { ConcurrentRouter } from '../../router/index.ts'

describe('The region of a caller', () => {
  it("is the router's, and the header's where there is one", async () => {
    await using eu = await openModelServer((came) => sayWhole(came, 'Hello'))
    await using us = await openModelServer((came) => sayWhole(came, 'Hello'))
    await using router = new ConcurrentRouter({
      endpoints: [
        { name: 'us', url: us.url, region: 'us' },
        { name: 'eu', url: eu.url, region: 'eu' },
      ],
      region: 'eu',
      scheduling: { penalties: { eu: { us: 5_000 } } },
    })
    await using door = await openTestGateway(router)
    const endpoints = async (headers: Record<string, string>): Promise<string[]> => {
      const responses = await Promise.all(Array.from({ length: 8 }, () => door.chat({}, { headers })))
      await Promise.all(responses.map((response) => response.text()))
      return [...new Set(responses.map((response) => response.headers.get('x-andon-endpoint') ?? ''))]
    }
    assert.deepEqual(await endpoints({}), ['eu'])
    assert.deepEqual(await endpoints({ 'x-andon-region': 'us' }), ['us'])
    const asked = await router.routeRequest('Hi', { preferredModel: 'm' })
    assert.equal(asked.endpoint, 'eu')
    assert.equal((await router.routeRequest('Hi', { preferredModel: 'm', region: 'us' })).endpoint, 'us')
  })
})
