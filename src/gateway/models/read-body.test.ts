import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { readBody } from './read-body.ts'

test('a caller who left before the body was looked at ends it at once', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  try {
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf')
    const [request] = (await once(server, 'request')) as [IncomingMessage]
    request.on('error', () => {})
    const closed = new Promise((resolve) => request.once('close', resolve))
    socket.destroy()
    await closed
    await assert.rejects(readBody(request), { code: 'cancelled' })
  } finally {
    server.close()
  }
})
