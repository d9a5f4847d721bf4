// The same write twice is done once: over a real socket, with a route of the test's own and with those of the door.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fastify } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { standInFactory, type StandIn } from '../../test/stand-in-factory.ts'
import { AndonError } from '../core/errors.ts'
import { sendError } from './errors.ts'
import { addOnce, onceFor } from './idempotency.ts'

/** What the route is to do with its nth write. */
type Write = (body: unknown, count: number) => Promise<unknown>

interface Bench extends AsyncDisposable {
  factory: StandIn
  /** How often the route was reached. */
  readonly writes: number
  send(key: string | undefined, body?: unknown, options?: { path?: string; tenant?: string }): Promise<Response>
}

async function openBench(write: Write = async (body, count) => ({ body, count })): Promise<Bench> {
  const factory = standInFactory()
  let writes = 0
  const app = fastify().withTypeProvider<ZodTypeProvider>()
  app.setErrorHandler((reason, request, reply) => sendError(request, reply, reason))
  app.decorateRequest('principal')
  app.addHook('onRequest', async (request) => {
    const tenant = String(request.headers['x-tenant'] ?? 'default')
    request.principal = { kind: 'anonymous', name: 'anonymous', tenant, scopes: [] }
  })
  addOnce(app, { factory })
  for (const path of ['/things', '/others'])
    app.post(path, { config: { once: true } }, async (request, reply) => {
      writes += 1
      return reply
        .status(201)
        .header('location', '/things/1')
        .send(await write(request.body, writes))
    })
  app.post('/plain', async () => ({ count: ++writes }))
  app.post('/streams', { config: { once: 'by-route' } }, async (request) => {
    const once = onceFor(request)
    if (once?.replayOf !== undefined) return { replayOf: once.replayOf }
    const answer = `answer-${++writes}`
    await once?.settle({ answer })
    return { answer }
  })
  const url = await app.listen({ port: 0 })
  return {
    factory,
    get writes() {
      return writes
    },
    send: (key, body = { a: 1 }, { path = '/things', tenant = 'default' } = {}) =>
      fetch(url + path, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-tenant': tenant,
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        body: JSON.stringify(body),
      }),
    [Symbol.asyncDispose]: () => app.close(),
  }
}

describe('A write with a key of its own', () => {
  it('is done once, and answered the same again', async () => {
    await using bench = await openBench()
    const first = await bench.send('k1')
    const again = await bench.send('k1')
    assert.equal(bench.writes, 1)
    assert.equal(again.status, 201)
    assert.equal(await again.text(), await first.text())
    assert.equal(again.headers.get('content-type'), first.headers.get('content-type'))
    assert.equal(again.headers.get('location'), '/things/1')
    assert.equal(first.headers.get('idempotency-replayed'), null)
    assert.equal(again.headers.get('idempotency-replayed'), 'true')
  })

  it('is another one under another key, without a key, for another tenant, and where the route does not follow it', async () => {
    await using bench = await openBench()
    await bench.send('k1')
    await bench.send('k2')
    await bench.send(undefined)
    await bench.send('k1', { a: 1 }, { tenant: 'acme' })
    await bench.send('k9', {}, { path: '/plain' })
    await bench.send('k9', {}, { path: '/plain' })
    assert.equal(bench.writes, 6)
  })

  it('is refused with 422 under a key of another body or path', async () => {
    await using bench = await openBench()
    await bench.send('k1')
    for (const response of [await bench.send('k1', { a: 2 }), await bench.send('k1', { a: 1 }, { path: '/others' })]) {
      assert.equal(response.status, 422)
      assert.match(await response.text(), /"status":422.*"code":"conflict"/)
    }
    assert.equal(bench.writes, 1)
  })

  it('is refused with 409, and when to come back, while the first is under way', async () => {
    const reached = Promise.withResolvers<void>()
    const hold = Promise.withResolvers<void>()
    await using bench = await openBench(async () => {
      reached.resolve()
      await hold.promise
      return {}
    })
    const first = bench.send('k1')
    await reached.promise
    const second = await bench.send('k1')
    assert.equal(second.status, 409)
    assert.equal(second.headers.get('retry-after'), '1')
    hold.resolve()
    assert.equal((await first).status, 201)
    assert.equal((await bench.send('k1')).headers.get('idempotency-replayed'), 'true')
    assert.equal(bench.writes, 1)
  })

  it('that fails frees its key', async () => {
    await using bench = await openBench(async (_body, count) => {
      if (count === 1) throw new AndonError('unavailable', 'Not now.')
      return { count }
    })
    assert.equal((await bench.send('k1')).status, 503)
    assert.equal((await bench.send('k1')).status, 201)
    assert.equal(bench.writes, 2)
  })

  it('with a reply over 256 KB is not kept', async () => {
    await using bench = await openBench(async () => 'x'.repeat(256 * 1024 + 1))
    await (await bench.send('k1')).text()
    await (await bench.send('k1')).text()
    assert.equal(bench.writes, 2)
  })

  it('is told that it is done even when that cannot be kept', async () => {
    await using bench = await openBench()
    bench.factory.settleOnce = async () => Promise.reject(new AndonError('unavailable', 'The store is gone.'))
    assert.equal((await bench.send('k1')).status, 201)
  })

  it('needs a key that is one', async () => {
    await using bench = await openBench()
    for (const key of ['', 'x'.repeat(201), 'tab\tin it'])
      assert.equal((await bench.send(key)).status, 400, JSON.stringify(key))
    for (const key of ['k', 'x'.repeat(200), '"8e03978e-40d5-43dd-bc93-6894a57f9324"'])
      assert.equal((await bench.send(key)).status, 201, key)
  })

  it('may be kept by its route, as something smaller than its reply', async () => {
    await using bench = await openBench()
    const to = { path: '/streams' }
    assert.deepEqual(await (await bench.send('k1', {}, to)).json(), { answer: 'answer-1' })
    const again = await bench.send('k1', {}, to)
    assert.deepEqual(await again.json(), { replayOf: { answer: 'answer-1' } })
    assert.equal(again.headers.get('idempotency-replayed'), 'true')
  })
})
