// A stream whose reader has gone before its first line ends what makes the lines, over a real socket.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { it } from 'node:test'
import { fastify } from 'fastify'
import { sendEventStream } from './event-stream.ts'

it('ends lines that nobody came to read', async () => {
  const ended = Promise.withResolvers<string>()
  async function* lines(): AsyncGenerator<string> {
    try {
      yield 'data: 1\n\n'
      yield 'data: 2\n\n'
    } finally {
      ended.resolve('ended')
    }
  }
  const app = fastify()
  const reached = Promise.withResolvers<void>()
  app.get('/', async (_request, reply) => {
    reached.resolve()
    await once(reply.raw, 'close')
    return sendEventStream(reply, lines())
  })
  const url = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  try {
    const socket = connect(Number(url.port), url.hostname)
    socket.on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await reached.promise
    socket.resetAndDestroy()
    assert.equal(await ended.promise, 'ended')
  } finally {
    await app.close()
  }
})
