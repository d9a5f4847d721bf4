// The lines of the log, as a running door causes them.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { jsonIn, openDoor, textOf, type Json } from '../../test/door.ts'
import { ModelServer } from '../../test/router/model-server.ts'
import { announceTrouble } from '../core/channels.ts'
import { AndonError } from '../core/errors.ts'
import { openCall } from '../core/call.ts'
import { gatewayChannel } from '../gateway/channel.ts'
import { ConcurrentRouter } from '../router/router.ts'
import { logGateway, logModels, type ToldRouter } from './log.ts'

describe('The log', () => {
  it('has one line per request at debug, with its ids, and without the question', async () => {
    const lines = new PassThrough({ encoding: 'utf8' })
    using _log = logGateway('debug', lines)
    await using door = await openDoor()
    const logged = once(lines, 'data')
    const headers = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, 'x-request-id': 'mine-1' }
    await (await door.post('/v1/ask?x=1', { question: 'What is a lock?' }, { headers })).text()
    const [text]: unknown[] = await logged
    const line = jsonIn(String(text))
    assert.equal(line['level'], 'debug')
    assert.equal(line['requestId'], 'mine-1')
    assert.equal(line['traceId'], 'a'.repeat(32))
    assert.equal(line['method'], 'POST')
    assert.equal(line['route'], '/v1/ask')
    assert.equal(line['status'], 200)
    assert.equal(line['tenant'], 'default')
    assert.equal(line['left'], false)
    assert.ok(!Number.isNaN(Date.parse(textOf(line['time']))))
    assert.doesNotMatch(String(text), /What is/)
  })

  it('tells of faults with their stack and of trouble, and hides secrets in both', async () => {
    const lines = new PassThrough({ encoding: 'utf8' })
    using _log = logGateway('warn', lines)
    await using door = await openDoor()
    const key = `andon_${'k'.repeat(43)}`
    door.factory.fail = new AndonError('internal', 'It broke.', { cause: new Error(`with ${key}`) })
    const ended = Promise.withResolvers<void>()
    const stop = gatewayChannel.subscribe(({ event }) => event === 'request-ended' && ended.resolve())
    await (await door.get('/v1/models')).text()
    await ended.promise
    stop()
    announceTrouble('embedding', new Error('refused sk-0123456789abcdef'))
    const [fault = {}, request = {}, trouble = {}] = String(lines.read()).trim().split('\n').map(jsonIn)
    assert.equal(fault['level'], 'error')
    assert.match(textOf(fault['stack']), /with andon_…[\s\S]*log\.test\.ts/)
    assert.equal(request['status'], 500)
    assert.equal(request['level'], 'warn')
    assert.equal(request['requestId'], fault['requestId'])
    assert.match(textOf(request['error']), /^\[internal\] Something went wrong inside Andon\./)
    assert.equal(trouble['message'], '[internal] refused sk-…')
  })

  it('says why a request was answered with an error: of what is wrong with a request the code only', async () => {
    const lines = new PassThrough({ encoding: 'utf8' })
    using _log = logGateway('debug', lines)
    await using door = await openDoor()
    door.factory.fail = new AndonError('unavailable', 'The store does not answer.')
    const told: Json[] = []
    for (const ask of [
      () => door.get('/v1/documents'),
      () => door.post('/v1/ask', { question: 'What is a lock?', wrong: 'x' }),
    ]) {
      const logged = once(lines, 'data')
      await (await ask()).text()
      told.push(jsonIn(String((await logged)[0])))
    }
    const [down = {}, wrong = {}] = told
    assert.deepEqual([down['status'], down['error']], [503, '[unavailable] The store does not answer.'])
    assert.deepEqual([wrong['status'], wrong['error']], [400, '[invalid]'])
  })

  it('warns of an answer that was broken off, with the reason', () => {
    const lines = new PassThrough({ encoding: 'utf8' })
    using _log = logGateway('info', lines)
    const brokenOff = new AndonError('unavailable', 'The answer was cut.')
    const request = { id: 'one', traceId: 'a'.repeat(32), method: 'POST', path: '/v1/chat/completions', ms: 1 }
    const ended = { event: 'request-ended' as const, ...request, route: 'none', status: 200, left: false }
    gatewayChannel.announce(() => ended)
    gatewayChannel.announce(() => ({ ...ended, brokenOff }))
    const line = jsonIn(String(lines.read()))
    assert.deepEqual([line['level'], line['left']], ['warn', false])
    assert.equal(line['brokenOff'], '[unavailable] The answer was cut.')
  })

  it('says nothing when it is silent', async () => {
    const lines = new PassThrough({ encoding: 'utf8' })
    using _log = logGateway('silent', lines)
    announceTrouble('purging', new Error('no'))
    assert.equal(lines.read(), null)
  })
})

describe('The log of models', () => {
  it('has at debug what each request used, and nothing that was said', async () => {
    await using server = await ModelServer.start()
    server.cachedTokens = 4
    const cost = { promptPerMillion: 1_000_000, completionPerMillion: 500_000, cachedPerMillion: 250_000 }
    await using router = new ConcurrentRouter({ endpoints: [{ name: 'a', url: server.url, model: 'm', cost }] })
    const lines = new PassThrough({ encoding: 'utf8' })
    using _log = logModels(router, 'debug', lines)
    const asker = router.chatModel({ keyId: 'k1', keyName: 'ci' })
    using call = openCall({ tenant: 'acme', id: 'mine-1' })
    await Array.fromAsync(asker.chat({ messages: [{ role: 'user', content: 'What is a lock?' }] }, call))
    const text = String(lines.read())
    const { time, waitedMs, firstTokenMs, totalMs, attempts, ...line } = jsonIn(text)
    assert.deepEqual(line, {
      level: 'debug',
      event: 'model-used',
      requestId: 'mine-1',
      tenant: 'acme',
      keyId: 'k1',
      keyName: 'ci',
      ability: 'chat',
      model: 'm',
      endpoint: 'a',
      promptTokens: 7,
      cachedTokens: 4,
      outputTokens: 2,
      estimated: false,
      cost: 5,
      outcome: 'ok',
    })
    assert.ok([waitedMs, firstTokenMs, totalMs].every((ms) => typeof ms === 'number'))
    assert.partialDeepStrictEqual(attempts, [{ endpoint: 'a', outcome: 'begun' }])
    assert.ok(!Number.isNaN(Date.parse(textOf(time))))
    assert.doesNotMatch(text, /What is|Hello/)
  })

  it('tells of endpoints that go and come and of what went wrong beside requests', async () => {
    await using server = await ModelServer.start('500')
    await using router = new ConcurrentRouter({
      endpoints: [{ name: 'a', url: server.url, model: 'm' }],
      attempts: 1,
      budgets: { eachTenant: { tokensPerDay: 1_000 } },
      spendingStore: {
        spent: () => ({ tokens: 0, cost: 0 }),
        add: () => {
          throw new AndonError('unavailable', 'The store with sk-0123456789abcdef is gone.')
        },
      },
    })
    const lines = new PassThrough({ encoding: 'utf8' })
    using _log = logModels(router, 'info', lines)
    for (let count = 0; count < 3; count++) await assert.rejects(router.routeRequest('Hi'))
    server.manner = 'well'
    await router.routeRequest('Hi')
    const told = String(lines.read()).trim().split('\n').map(jsonIn)
    const [down, up, trouble] = ['endpoint-down', 'endpoint-up', 'models'].map((event) =>
      told.find((line) => textOf(line['event']) === event),
    )
    assert.partialDeepStrictEqual(down, { level: 'warn', endpoint: 'a', reason: 'failed' })
    assert.match(textOf(down?.['message']), /It is 500/)
    assert.partialDeepStrictEqual(up, { level: 'info', endpoint: 'a' })
    assert.partialDeepStrictEqual(trouble, { level: 'warn', message: '[unavailable] The store with sk-… is gone.' })
    assert.ok(told.every(({ level }) => textOf(level) !== 'debug'))
  })

  it('wants no records where it does not write them', async () => {
    const wanted: unknown[] = []
    const router: ToldRouter = {
      subscribe(_listener, options) {
        wanted.push(options)
        return () => wanted.push('stopped')
      },
    }
    for (const level of ['debug', 'info'] as const) logModels(router, level)[Symbol.dispose]()
    assert.deepEqual(wanted, [{ records: true }, 'stopped', { records: false }, 'stopped'])
  })
  it('ends when it is disposed', async () => {
    await using server = await ModelServer.start()
    await using router = new ConcurrentRouter({ endpoints: [{ name: 'a', url: server.url, model: 'm' }] })
    const lines = new PassThrough({ encoding: 'utf8' })
    logModels(router, 'debug', lines)[Symbol.dispose]()
    await router.routeRequest('Hi')
    assert.equal(lines.read(), null)
  })
})
