// Who is let in, over real sockets: keys, scopes, tenants, and requests without any credentials.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { describe, it } from 'node:test'
import { fastify } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { jsonOf, openDoor, type Door } from '../../../test/door.ts'
import { AndonError } from '../../core/errors.ts'
import type { Scope } from '../../core/key.ts'
import { gatewayChannel } from '../channel.ts'
import { parseOptions } from '../../parse-options.ts'
import { subprotocolFor } from './credentials.ts'
import { addIdentity } from './identity.ts'

const question = { question: 'What does a lock do?' }
const bearer = (secret: string): Record<string, string> => ({ authorization: `Bearer ${secret}` })

/** The status of GET /v1/me with these headers, and its body. */
async function me(
  door: Door,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: unknown; challenge: string }> {
  const response = await fetch(`${door.gateway.url}/v1/me`, { headers })
  return {
    status: response.status,
    body: await response.json(),
    challenge: response.headers.get('www-authenticate') ?? '',
  }
}

async function keyFor(door: Door, scopes: Scope[], tenant = 'default'): Promise<string> {
  return (await door.factory.createKey({ name: `for ${scopes.join(' and ')}`, scopes }, { tenant })).secret
}

describe('Without credentials', () => {
  it('a request from this machine is let in, as the tenant of the door, with all scopes', async () => {
    await using door = await openDoor({ tenant: 'house' })
    assert.deepEqual((await me(door)).body, {
      kind: 'anonymous',
      name: 'anonymous',
      tenant: 'house',
      scopes: ['ask', 'load', 'admin'],
    })
  })

  it('nobody is let in when a key is required, and hears how to get one', async () => {
    await using door = await openDoor({ auth: { required: true } })
    const refused = await me(door)
    assert.equal(refused.status, 401)
    assert.equal(refused.challenge, 'Bearer realm="andon"')
    assert.match(JSON.stringify(refused.body), /andon keys create/)
  })

  it('nobody is let in when the door is open to other machines', async () => {
    await using door = await openDoor({ host: '0.0.0.0' })
    assert.equal((await me(door)).status, 401)
    assert.equal((await door.post('/v1/ask', question)).status, 401)
    assert.equal(door.factory.asked.length, 0)
  })

  for (const header of ['Forwarded', 'X-Forwarded-For', 'x-forwarded-proto', 'X-Real-IP', 'Via', 'CF-Connecting-IP']) {
    it(`a request with ${header} came through a proxy and is not from this machine`, async () => {
      await using door = await openDoor()
      assert.equal((await me(door, { [header]: '127.0.0.1' })).status, 401)
    })
  }

  it('health and the page are open, and what is not there is not found', async () => {
    await using door = await openDoor({ auth: { required: true } })
    assert.equal((await door.get('/health/live')).status, 200)
    assert.equal((await door.get('/health/ready')).status, 200)
    assert.equal((await door.get('/')).status, 200)
    assert.equal((await door.get('/v1/nothing')).status, 404)
    assert.equal((await door.get('/v1/ask')).status, 405)
  })
})

describe('Keys', () => {
  it('let in as who they are, in any of three places', async () => {
    await using door = await openDoor({ auth: { required: true } })
    const secret = await keyFor(door, ['ask'], 'acme')
    const expected = { kind: 'key', name: 'for ask', tenant: 'acme', scopes: ['ask'] }
    for (const headers of [
      bearer(secret),
      { authorization: `bearer ${secret}` },
      { 'x-api-key': secret },
      { 'sec-websocket-protocol': `andon, andon.key.${secret}` },
    ]) {
      assert.deepEqual((await me(door, headers)).body, expected)
    }
  })

  it('see the documents of their tenant only', async () => {
    await using door = await openDoor({ auth: { required: true } })
    const ours = await keyFor(door, ['ask'])
    const theirs = await keyFor(door, ['ask'], 'acme')
    for (const [secret, cited] of [
      [ours, 1],
      [theirs, 0],
    ] as const) {
      const response = await door.post('/v1/ask', question, {
        headers: { ...bearer(secret), accept: 'application/json' },
      })
      const answer = await jsonOf(response)
      assert.equal(answer['citations']?.['length'], cited)
    }
  })

  it('that are wrong are refused, even where none is needed', async () => {
    await using door = await openDoor()
    const revoked = await door.factory.createKey({ name: 'old' })
    await door.factory.revokeKey(revoked.key.id)
    const { secret: expired } = await door.factory.createKey({ name: 'expired', expiresAt: Date.now() - 1 })
    for (const headers of [
      bearer(`andon_${'x'.repeat(43)}`),
      bearer(revoked.secret),
      bearer(expired),
      bearer(''),
      { authorization: 'Basic YTpi' },
      { authorization: revoked.secret },
      { authorization: 'Bearer two words' },
      { 'x-api-key': '' },
      { 'sec-websocket-protocol': 'andon.key.' },
    ]) {
      const refused = await me(door, headers)
      assert.equal(refused.status, 401, JSON.stringify(headers))
      assert.match(refused.challenge, /^Bearer realm="andon", error="invalid_token"$/)
    }
  })

  it('of another house say nothing: from this machine they are what a client must have, from elsewhere they are refused', async () => {
    await using door = await openDoor()
    await using closed = await openDoor({ auth: { required: true } })
    for (const headers of [
      bearer('not-needed'),
      bearer('sk-of-another-house'),
      bearer('eyJhbGciOiJub25lIn0.e30.'),
      { 'x-api-key': 'none' },
      { 'sec-websocket-protocol': 'andon.key.none' },
    ]) {
      assert.equal((await me(door, headers)).status, 200, JSON.stringify(headers))
      assert.equal((await me(door, { ...headers, 'x-forwarded-for': '192.0.2.1' })).status, 401)
      assert.equal((await me(closed, headers)).status, 401)
    }
  })

  it('need the scope of the route; admin has all', async () => {
    await using door = await openDoor({ auth: { required: true } })
    const table: [Scope, string, string, number][] = [
      ['ask', 'POST', '/v1/ask', 200],
      ['load', 'POST', '/v1/ask', 403],
      ['admin', 'POST', '/v1/ask', 200],
      ['ask', 'GET', '/v1/keys', 403],
      ['load', 'GET', '/v1/keys', 403],
      ['admin', 'GET', '/v1/keys', 200],
      ['ask', 'GET', '/v1/me', 200],
      ['load', 'GET', '/v1/me', 200],
    ]
    for (const [scope, method, path, status] of table) {
      const body = method === 'POST' ? { body: JSON.stringify(question) } : {}
      const headers = { ...bearer(await keyFor(door, [scope])), 'content-type': 'application/json' }
      const response = await fetch(door.gateway.url + path, { method, headers, ...body })
      const text = await response.text()
      assert.equal(response.status, status, `${scope} at ${path}: ${text}`)
      if (status !== 403) continue
      assert.match(response.headers.get('www-authenticate') ?? '', /error="insufficient_scope", scope="(ask|admin)"/)
      assert.match(text, /needs the scope (ask|admin)/)
    }
  })

  it('are refused in the words of OpenAI where OpenAI is spoken', async () => {
    await using door = await openDoor({ auth: { required: true } })
    const body = { model: 'andon', messages: [{ role: 'user', content: 'lock?' }] }
    const refused = await door.post('/v1/chat/completions', body, { headers: bearer('andon_wrong') })
    assert.equal(refused.status, 401)
    const { error } = await jsonOf(refused)
    assert.equal(error?.['type'], 'invalid_request_error')
    assert.equal(error?.['code'], 'invalid_api_key')
    const forbidden = await door.post('/v1/chat/completions', body, { headers: bearer(await keyFor(door, ['load'])) })
    assert.equal(forbidden.status, 403)
    assert.equal((await jsonOf(forbidden))['error']?.['type'], 'permission_error')
  })

  it('are refused before the body is read', async () => {
    await using door = await openDoor({ auth: { required: true } })
    const request = httpRequest(`${door.gateway.url}/v1/ask`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': 1000 },
    })
    request.on('error', () => {})
    request.write('{')
    const [response]: { statusCode?: number }[] = await once(request, 'response')
    assert.equal(response?.statusCode, 401)
    request.destroy()
  })

  it('are told apart by nothing that leaves: no reply and no announcement has a secret', async () => {
    await using door = await openDoor({ auth: { required: true } })
    const secret = await keyFor(door, ['load'])
    const heard: string[] = []
    const stop = gatewayChannel.subscribe((message) => heard.push(JSON.stringify(message)))
    for (const sent of [secret, 'andon_wrong-but-secret', 'eyJ.secret.token']) {
      for (const headers of [bearer(sent), { 'x-api-key': sent }]) {
        const response = await door.post('/v1/ask', question, { headers })
        assert.ok([401, 403].includes(response.status))
        const told = `${await response.text()} ${JSON.stringify([...response.headers])}`
        assert.ok(!told.includes(sent), told)
      }
    }
    stop()
    assert.ok(heard.length > 0)
    assert.doesNotMatch(heard.join('\n'), /andon_|secret/)
  })

  it('are found to be unavailable, not wrong, when they cannot be looked up', async () => {
    await using door = await openDoor()
    door.factory.fail = new AndonError('unavailable', 'The store is gone.')
    assert.equal((await me(door, bearer('andon_any'))).status, 503)
  })
})

describe('A WebSocket', () => {
  it('is answered with a subprotocol that carries no secret', () => {
    assert.equal(subprotocolFor(['andon.key.andon_secret', 'andon']), 'andon')
    assert.equal(subprotocolFor(['andon.key.andon_secret']), false)
  })
})

describe('A route that forgets its scope', () => {
  it('is for admins only', async () => {
    await using door = await openDoor()
    const app = fastify().withTypeProvider<ZodTypeProvider>()
    const options = parseOptions({ auth: { required: true } })
    addIdentity(app, { factory: door.factory, options }, { host: '127.0.0.1', tenant: 'default' })
    app.get('/forgotten', async () => 'seen')
    const url = await app.listen({ port: 0 })
    try {
      for (const scope of ['ask', 'load', 'admin'] as const) {
        const response = await fetch(`${url}/forgotten`, { headers: bearer(await keyFor(door, [scope])) })
        assert.equal(response.ok, scope === 'admin', scope)
      }
    } finally {
      await app.close()
    }
  })
})
