// The lines of the log, as a running door causes them.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { jsonIn, openDoor, textOf } from '../../test/door.ts'
import { announceTrouble } from '../core/channels.ts'
import { AndonError } from '../core/errors.ts'
import { gatewayChannel } from '../gateway/channel.ts'
import { logGateway } from './log.ts'

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
    assert.equal(trouble['message'], '[internal] refused sk-…')
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
