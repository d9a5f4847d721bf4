// Keys over HTTP, with a real factory and its store: made, used, listed, revoked, and each tenant's own.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { jsonOf, textOf, type Json } from '../../test/door.ts'
import type { Factory } from '../core/factory.ts'
import { createFactory } from '../factory.ts'
import { openGateway, type Gateway } from './server.ts'

describe('Keys', () => {
  const stack = new AsyncDisposableStack()
  let factory: Factory
  let gateway: Gateway
  let admin = ''

  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'andon-keys-'))
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    factory = stack.use(await createFactory({ dataDir: folder, handbook: false }))
    gateway = stack.use(await openGateway(factory, { port: 0, lingerMs: 0, auth: { required: true } }))
    admin = (await factory.createKey({ name: 'root', scopes: ['admin'] }, { tenant: 'acme' })).secret
  })
  after(() => stack.disposeAsync())

  const send = async (
    method: string,
    path: string,
    secret = admin,
    body?: unknown,
  ): Promise<{ status: number; body: Json }> => {
    const headers = {
      authorization: `Bearer ${secret}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const response = await fetch(gateway.url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: await jsonOf(response) }
  }

  it('are made, let in, and are shut out as soon as they are revoked', async () => {
    const made = await send('POST', '/v1/keys', admin, { name: 'ada', scopes: ['ask', 'load'] })
    assert.equal(made.status, 201)
    const secret = textOf(made.body['secret'])
    assert.match(secret, /^andon_[\w-]{43}$/)
    const me = await send('GET', '/v1/me', secret)
    assert.deepEqual(me.body, { kind: 'key', name: 'ada', tenant: 'acme', scopes: ['ask', 'load'] })
    const revoked = await send('DELETE', `/v1/keys/${textOf(made.body['key']?.['id'])}`)
    assert.equal(revoked.status, 200)
    assert.ok(revoked.body['revokedAt'])
    assert.equal((await send('GET', '/v1/me', secret)).status, 401)
  })

  it('are listed without their secrets', async () => {
    const { body } = await send('POST', '/v1/keys', admin, { name: 'grace', expires_at: Date.now() + 60_000 })
    const listed = await send('GET', '/v1/keys')
    const keys = JSON.stringify(listed.body['keys'])
    assert.match(keys, /"name":"grace"/)
    assert.doesNotMatch(keys, /andon_|hash|secret/)
    assert.ok(!keys.includes(textOf(body['secret'])))
  })

  it('of another tenant are not there', async () => {
    const { secret, key } = await factory.createKey({ name: 'root', scopes: ['admin'] }, { tenant: 'other' })
    const { keys } = (await send('GET', '/v1/keys', secret)).body
    assert.equal(keys?.['length'], 1)
    assert.equal(keys?.[0]?.['id'], key.id)
    const { body } = await send('POST', '/v1/keys', admin, { name: 'ours' })
    assert.equal((await send('DELETE', `/v1/keys/${textOf(body['key']?.['id'])}`, secret)).status, 404)
    assert.equal((await send('GET', '/v1/me', textOf(body['secret']))).status, 200)
  })

  it('are not made from nonsense', async () => {
    for (const body of [
      {},
      { name: ' ' },
      { name: 'x'.repeat(101) },
      { name: 'x', scopes: [] },
      { name: 'x', scopes: ['root'] },
      { name: 'x', expires_at: 1 },
      { name: 'x', expires_at: 'tomorrow' },
      { name: 'x', tenant: 'other' },
    ])
      assert.equal((await send('POST', '/v1/keys', admin, body)).status, 400, JSON.stringify(body))
  })

  it('that have not the scope make none', async () => {
    const { secret } = await factory.createKey({ name: 'loader', scopes: ['ask', 'load'] }, { tenant: 'acme' })
    assert.equal((await send('POST', '/v1/keys', secret, { name: 'x', scopes: ['admin'] })).status, 403)
    assert.equal((await send('GET', '/v1/keys', secret)).status, 403)
  })

  it('are made anew for each request: a repetition tells no secret again', async () => {
    const make = (): Promise<Response> =>
      fetch(`${gateway.url}/v1/keys`, {
        method: 'POST',
        headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json', 'idempotency-key': 'same' },
        body: JSON.stringify({ name: 'twice' }),
      })
    const [first, second] = [await jsonOf(await make()), await jsonOf(await make())]
    assert.notEqual(textOf(first['secret']), textOf(second['secret']))
  })
})
