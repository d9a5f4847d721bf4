import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { readBody } from './read-body.ts'

/** A request of which half of the body comes, and the socket of who sends it. */
async function withHalf(look: (request: IncomingMessage, socket: Socket) => Promise<void>): Promise<void> {
  const server = createServer().listen(0, '127.0.0.1')
  try {
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf')
    const [request] = (await once(server, 'request')) as [IncomingMessage]
    request.on('error', () => {})
    await look(request, socket)
  } finally {
    server.close()
  }
}

test('a caller who left before the body was looked at ends it at once', async () => {
  await withHalf(async (request, socket) => {
    const closed = new Promise((resolve) => request.once('close', resolve))
    socket.destroy()
    await closed
    await assert.rejects(readBody(request), { code: 'cancelled' })
  })
})

test('a body that comes too slowly is answered with 408, as everywhere, and ends with its connection', async () => {
  await withHalf(async (request, socket) => {
    const reading = assert.rejects(readBody(request, 20), { code: 'cancelled' })
    const answer = await text(socket)
    assert.match(answer, /^HTTP\/1.1 408 .*"code":"deadline"/s)
    assert.match(answer, /"detail":"The request did not come whole in time. Send it again, faster."/)
    await reading
  })
})
