// Pages of other origins, over a real socket: what they may not send, what CORS lets them read, and what every reply says.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'
import { openDoor, type Door } from '../../test/door.ts'
import { readOrigins } from './origins.ts'

const question = { question: 'What does a lock do?' }
const app = 'https://app.example.org'

async function asking(door: Door, headers: Record<string, string>): Promise<number> {
  const response = await door.post('/v1/ask', question, { headers })
  await response.text()
  return response.status
}

describe('A request that changes something', () => {
  it('is refused when a page of another origin sends it', async () => {
    await using door = await openDoor({ origins: `${app}, http://localhost:5173` })
    const { port } = door.gateway
    const table: [string, number][] = [
      [`http://127.0.0.1:${port}`, 200],
      // TLS may end before the door, where the name is the same.
      [`https://127.0.0.1:${port}`, 200],
      [app, 200],
      ['http://localhost:5173', 200],
      ['http://app.example.org', 403],
      [`${app}:8443`, 403],
      [`${app}.evil.example`, 403],
      ['https://evil.example', 403],
      [`http://127.0.0.1:${port + 1}`, 403],
      [`http://localhost:${port}`, 403],
      [`http://127.0.0.1:${port}@evil.example`, 403],
      ['null', 403],
      ['', 403],
      ['file://', 403],
      ['nonsense', 403],
    ]
    for (const [origin, status] of table) assert.equal(await asking(door, { origin }), status, origin)
    assert.equal(door.factory.asked.length, table.filter(([, status]) => status === 200).length)
  })

  it('is refused when the browser says that it crosses sites, and nothing else', async () => {
    await using door = await openDoor()
    assert.equal(await asking(door, { 'sec-fetch-site': 'cross-site' }), 403)
    for (const site of ['same-origin', 'same-site', 'none'])
      assert.equal(await asking(door, { 'sec-fetch-site': site }), 200)
    assert.equal(await asking(door, {}), 200)
  })

  it('is refused by every method that writes, before anything is looked for', async () => {
    await using door = await openDoor()
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const response = await fetch(`${door.gateway.url}/v1/keys/x`, {
        method,
        headers: { origin: 'https://evil.example' },
      })
      assert.equal(response.status, 403, method)
    }
    const seen = await fetch(`${door.gateway.url}/v1/me`, { headers: { origin: 'https://evil.example' } })
    assert.equal(seen.status, 200)
    assert.equal(seen.headers.get('access-control-allow-origin'), null)
  })

  it('is refused when it opens a WebSocket', async () => {
    await using door = await openDoor()
    const headers = { origin: 'https://evil.example', 'sec-websocket-version': '13' }
    assert.equal(await upgrade(door, headers), 403)
  })
})

describe('CORS', () => {
  it('is off by default', async () => {
    await using door = await openDoor()
    const response = await preflight(door, app)
    assert.equal(response.status, 405)
    assert.equal(response.headers.get('access-control-allow-origin'), null)
  })

  it('lets the origins read replies, errors too, and nobody else', async () => {
    await using door = await openDoor({ origins: app, auth: { required: true } })
    const allowed = await preflight(door, app)
    assert.equal(allowed.status, 204)
    assert.equal(allowed.headers.get('access-control-allow-origin'), app)
    assert.match(allowed.headers.get('access-control-allow-methods') ?? '', /DELETE/)
    assert.equal(allowed.headers.get('access-control-allow-headers'), 'authorization,content-type')
    assert.equal((await preflight(door, 'https://evil.example')).headers.get('access-control-allow-origin'), null)

    const refused = await fetch(`${door.gateway.url}/v1/me`, { headers: { origin: app } })
    assert.equal(refused.status, 401)
    assert.equal(refused.headers.get('access-control-allow-origin'), app)
    assert.match(refused.headers.get('access-control-expose-headers') ?? '', /x-request-id, retry-after/)
    assert.equal(refused.headers.get('access-control-allow-credentials'), null)
    assert.match(refused.headers.get('vary') ?? '', /origin/i)
  })

  it('is told in origins: what is none is refused at the start', async () => {
    assert.deepEqual(readOrigins(' https://a.example , http://b.example:8080/ ,'), [
      'https://a.example',
      'http://b.example:8080',
    ])
    assert.deepEqual(readOrigins('HTTPS://A.example:443'), ['https://a.example'])
    for (const wrong of [
      '*',
      'app.example.org',
      'https://a.example/path',
      'https://*.example',
      'null',
      'ftp://a.example',
      'https://u:p@a.example',
    ])
      assert.throws(() => readOrigins(wrong), /origins has/, wrong)
    await assert.rejects(openDoor({ origins: '*' }), /origins has "\*"/)
  })
})

describe('Every reply', () => {
  it('tells browsers that it is nothing to run, frame, guess at or keep', async () => {
    await using door = await openDoor()
    const replies = [
      await door.get('/v1/me'),
      await door.get('/v1/nothing'),
      await door.post('/v1/ask', 'no json'),
      await door.post('/v1/ask', question, { headers: { accept: 'application/json' } }),
    ]
    for (const { headers } of replies) {
      assert.equal(headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'")
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
      assert.equal(headers.get('referrer-policy'), 'no-referrer')
      assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin')
      assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin')
      assert.equal(headers.get('cache-control'), 'no-store')
      assert.equal(headers.get('strict-transport-security'), null)
      assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/)
    }
    const stream = await door.post('/v1/ask', question)
    assert.equal(stream.headers.get('cache-control'), 'no-cache, no-transform')
    await stream.text()
  })
})

function preflight(door: Door, origin: string): Promise<Response> {
  const headers = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,content-type',
  }
  return fetch(`${door.gateway.url}/v1/ask`, { method: 'OPTIONS', headers })
}

/** The status that a request to become a WebSocket is refused with. */
async function upgrade(door: Door, headers: Record<string, string>): Promise<number | undefined> {
  const request = httpRequest(`${door.gateway.url}/v1/ws`, {
    headers: {
      ...headers,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    },
  })
  request.end()
  const [response]: IncomingMessage[] = await once(request, 'response')
  response?.resume()
  // The door ends the connection: a kept one would keep the door open.
  await once(request, 'close')
  return response?.statusCode
}
