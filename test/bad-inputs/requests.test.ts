// What a wrong request over HTTP gets, from a gateway with the real factory behind it.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, describe, it } from 'node:test'
import { gatewayChannel } from '../../src/gateway/channel.ts'
import { openGateway } from '../../src/gateway/server.ts'
import { eventsOf, jsonIn, textOf } from '../door.ts'
import { holds, openHouse } from './house.ts'
import { json, leavingRows, requestRows } from './request-rows.ts'
import { send, sendRaw } from './wire.ts'

const house = await openHouse()
const gateway = await openGateway(house.factory, { port: 0, lingerMs: 0 })
const faults: unknown[] = []
const stopListening = gatewayChannel.subscribe((news) => {
  if (news.event === 'fault') faults.push(news)
})
after(async () => {
  stopListening()
  await gateway.close()
  await house[Symbol.asyncDispose]()
})
const { port } = gateway
await house.ordinary()

for (const row of requestRows) {
  it(`${row.given}: ${row.gets}`, { timeout: 20_000 }, async () => {
    const reply = 'raw' in row.sent ? await sendRaw(port, row.sent.raw) : await send(port, row.sent)
    assert.equal(reply.status, row.status, reply.body)
    assert.match(String(reply.headers['content-type']), /^application\/problem\+json/)
    const problem = jsonIn(reply.body)
    assert.equal(problem['code'], row.code)
    assert.equal(problem['status'], row.status)
    holds(textOf(problem['detail']), row.says)
    assert.ok(reply.body.length < 4_000, `${reply.body.length} characters say too much`)
    for (const [name, value] of Object.entries(row.headers ?? {})) assert.equal(reply.headers[name], value)
    assert.equal(Reflect.get({}, 'polluted'), undefined)
  })
}

describe('Clients that leave', () => {
  it(`${leavingRows.sending.given}: ${leavingRows.sending.gets}`, async () => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(
      'POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"que',
    )
    socket.destroy()
    await once(socket, 'close')
    await ordinary()
  })

  it(`${leavingRows.reading.given}: ${leavingRows.reading.gets}`, async () => {
    const ended = Promise.withResolvers<boolean>()
    using _listening = {
      [Symbol.dispose]: gatewayChannel.subscribe(
        (news) => news.event === 'request-ended' && news.path === '/v1/ask' && ended.resolve(news.left),
      ),
    }
    const body = JSON.stringify({ question: 'When does the lighthouse open?' })
    const socket = connect(port, '127.0.0.1')
    socket.write(
      `POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    await once(socket, 'data')
    socket.destroy()
    await ended.promise
    await ordinary()
  })
})

it('none of this was a fault of Andon', () => assert.deepEqual(faults, []))

it('and after all of them an ordinary document and question get what they always get', async () => {
  await house.ordinary()
  await ordinary()
})

/** An ordinary question over HTTP. */
async function ordinary(): Promise<void> {
  const body = JSON.stringify({ question: 'When does the lighthouse open?' })
  const reply = await send(port, { path: '/v1/ask', headers: json, body })
  assert.equal(reply.status, 200)
  const last = eventsOf(reply.body).at(-1)
  assert.equal(last?.event, 'answer-end')
  assert.match(textOf(jsonIn(last.data)['text']), /half past nine/)
}
