// The WebSocket at /v1/ws: several answers at once, each under its client's name.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { WebSocket } from 'ws'
import { AndonError } from '../core/errors.ts'
import { jsonIn, openDoor, textOf, type Door, type Json } from '../../test/door.ts'

/** A client that keeps what comes. */
async function open(door: Door, options: { protocols?: string[]; origin?: string } = {}) {
  const { protocols = [], origin } = options
  const url = `${door.gateway.url.replace('http', 'ws')}/v1/ws`
  const socket = new WebSocket(url, protocols, origin === undefined ? {} : { origin })
  const came: Json[] = []
  let wake = Promise.withResolvers<void>()
  socket.on('message', (data: Buffer) => {
    came.push(jsonIn(data.toString()))
    wake.resolve()
    wake = Promise.withResolvers()
  })
  await once(socket, 'open')
  return {
    socket,
    came,
    say: (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async until(found: (message: Json) => boolean): Promise<Json> {
      for (;;) {
        const message = came.find(found)
        if (message) return message
        await wake.promise
      }
    },
    [Symbol.dispose]: () => socket.terminate(),
  }
}

const is = (value: Json | undefined, wanted: unknown): boolean => Object.is(value, wanted)
const typeOf = (message: Json): string => textOf(message['event']?.['type'])
const ends = (ref: string) => (message: Json) => is(message['ref'], ref) && typeOf(message) === 'answer-end'
const failed = (ref: string) => (message: Json) => is(message['ref'], ref) && message['error'] !== undefined

describe('A WebSocket', () => {
  it('carries several answers at once, each with its numbers', async () => {
    await using door = await openDoor({ tenant: 'acme' })
    using client = await open(door, { protocols: ['andon'] })
    assert.equal(client.socket.protocol, 'andon')
    client.say({ type: 'ask', ref: 'a', question: 'What is a lock?', mode: 'extractive' })
    client.say({ type: 'ask', ref: 'b', question: 'lock' })
    await Promise.all([client.until(ends('a')), client.until(ends('b'))])
    for (const ref of ['a', 'b'])
      assert.deepEqual(
        client.came.filter((message) => is(message['ref'], ref)).map((message) => message['number']),
        [1, 2, 3, 4, 5, 6],
      )
    assert.equal(door.factory.asked[0]?.caller.tenant, 'acme')
    assert.equal(door.factory.asked[0]?.question.mode, 'extractive')
  })

  it('follows and stops', async () => {
    await using door = await openDoor()
    const asked: unknown[] = []
    door.factory.follow = async function* (id, from) {
      asked.push([id, from])
      yield { number: 8, event: { type: 'text-delta', text: 'On.' } }
      yield { number: 9, event: { type: 'answer-failed', error: { code: 'cancelled', message: 'Stopped.' } } }
    }
    door.factory.stop = async (id) => (asked.push(id), true)
    using client = await open(door)
    client.say({ type: 'follow', ref: 'f', answer: 'x', after: 7 })
    await client.until((message) => is(message['number'], 9))
    client.say({ type: 'stop', answer: 'x' })
    assert.equal((await client.until((message) => is(message['answer'], 'x')))['stopped'], true)
    assert.deepEqual(asked, [['x', { after: 7 }], 'x'])
  })

  it('cancels what is under way when it closes', async () => {
    await using door = await openDoor()
    door.factory.hold = Promise.withResolvers<void>().promise
    const stopped = door.factory.nextStop()
    const client = await open(door)
    client.say({ type: 'ask', ref: 'a', question: 'What is a lock?' })
    await client.until((message) => typeOf(message) === 'text-delta')
    client.socket.close()
    const reason = await stopped
    assert.ok(reason instanceof AndonError && reason.code === 'cancelled')
  })

  it('says what is wrong with a message, and goes on', async () => {
    await using door = await openDoor()
    door.factory.hold = Promise.withResolvers<void>().promise
    using client = await open(door)
    client.say('{"type":')
    await client.until((message) => message['ref'] === undefined && message['error'] !== undefined)
    client.say({ type: 'ask', ref: 'a' })
    assert.match(textOf((await client.until(failed('a')))['error']?.['detail']), /question is missing/)
    client.say({ type: 'shout', ref: 'b' })
    assert.match(textOf((await client.until(failed('b')))['error']?.['detail']), /type must be "ask"/)
    client.say({ type: 'stop', ref: 'c', answer: 'c' })
    await client.until(failed('c'))
    for (let at = 0; at < 17; at++) client.say({ type: 'ask', ref: `many-${at}`, question: 'lock' })
    assert.equal((await client.until(failed('many-16')))['error']?.['code'], 'overloaded')
    client.say({ type: 'ask', ref: 'many-0', question: 'lock' })
    assert.equal((await client.until(failed('many-0')))['error']?.['code'], 'conflict')
  })

  it('is closed to pages of other origins, to who is too long, and by a door that closes', async () => {
    const door = await openDoor({ drainMs: 60_000 })
    await assert.rejects(open(door, { origin: 'https://evil.example' }), /403/)
    const long = await open(door)
    long.say('x'.repeat(1_100_000))
    const [tooLong]: unknown[] = await once(long.socket, 'close')
    assert.equal(tooLong, 1009)
    const idle = await open(door)
    const closed = once(idle.socket, 'close')
    await door.gateway.close()
    assert.equal((await closed)[0], 1001)
  })

  it('is closed to who is let in no longer, with the next message', async () => {
    await using door = await openDoor({ auth: { required: true } })
    const { key, secret } = await door.factory.createKey({ name: 'mine', scopes: ['ask'] })
    using client = await open(door, { protocols: ['andon', `andon.key.${secret}`] })
    client.say({ type: 'ask', ref: 'a', question: 'lock' })
    await client.until(ends('a'))
    await door.factory.revokeKey(key.id)
    const closed = once(client.socket, 'close')
    client.say({ type: 'ask', ref: 'b', question: 'lock' })
    const [code, words]: unknown[] = await closed
    assert.equal(code, 1008)
    assert.match(String(words), /was revoked/)
    assert.equal(door.factory.asked.length, 1)
  })

  it('counts each question as a request, and says when to come back', async () => {
    await using door = await openDoor({ limits: { tenantPerMinute: 20 } })
    using client = await open(door)
    client.say({ type: 'ask', ref: 'a', question: 'lock' })
    await client.until(ends('a'))
    client.say({ type: 'ask', ref: 'b', question: 'lock' })
    const { error } = await client.until(failed('b'))
    assert.equal(error?.['code'], 'overloaded')
    assert.ok(Number(error?.['retryAfterMs']) > 0)
    assert.equal(door.factory.asked.length, 1)
  })

  it('is no page: a plain request hears how to connect', async () => {
    await using door = await openDoor()
    const response = await door.get('/v1/ws')
    assert.equal(response.status, 426)
    assert.match(await response.text(), /speaks WebSocket/)
  })
})
