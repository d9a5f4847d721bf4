// Bodies that come too slowly, and those that only look so.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as later } from 'node:timers/promises'
import { fastify } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { addBodyGuard, type BodyTimes } from './body-guard.ts'
import type { App } from './door.ts'

describe('The body of a request', () => {
  it('is given up with 408 when it does not come whole in time', async () => {
    await using server = await serve({ wholeMs: 20 })
    const socket = server.open('/ordinary', 100)
    const answer = await text(socket)
    assert.match(answer, /^HTTP\/1.1 408 .*did not come whole in time/s)
  })

  it('is given up with 408 when an upload stands still, and its reader hears of it', async () => {
    await using server = await serve({ periodMs: 20, wholeMs: 1 })
    const socket = server.open('/upload', 100_000)
    socket.write('x'.repeat(50))
    assert.match(await text(socket), /^HTTP\/1.1 408 /)
    assert.match(String(await server.broken), /aborted/)
  })

  it('is given up when it trickles', async () => {
    await using server = await serve({ periodMs: 40, periodBytes: 1000 })
    const socket = server.open('/upload', 100_000)
    const trickle = setInterval(() => socket.write('x'), 5)
    const answer = await text(socket)
    clearInterval(trickle)
    assert.match(answer, /^HTTP\/1.1 408 /)
  })

  it('that was answered before it came does not hold its connection', async () => {
    await using server = await serve({ periodMs: 20, wholeMs: 20 })
    const socket = server.open('/deaf', 100_000)
    assert.match(await text(socket), /^HTTP\/1.1 200 .*no$/s)
  })

  it('of an upload may take longer than another, while it keeps coming', async () => {
    await using server = await serve({ wholeMs: 1, periodMs: 5_000, periodBytes: 1 })
    const socket = server.open('/upload', 10)
    for (let sent = 0; sent < 10; sent += 1) {
      socket.write('x')
      await later(5)
    }
    assert.match(await text(socket), /^HTTP\/1.1 200 .*10 bytes$/s)
  })

  it('is not given up because we do not read it', async () => {
    const reading = Promise.withResolvers<void>()
    await using server = await serve({ periodMs: 100, wholeMs: 1 }, reading.promise)
    const socket = server.open('/upload', 1_000_000)
    socket.write('x'.repeat(1_000_000))
    // Many periods, in which the sender can send no more than what buffers take.
    await later(400)
    reading.resolve()
    assert.match(await text(socket), /^HTTP\/1.1 200 .*1000000 bytes$/s)
  })
})

async function serve(times: BodyTimes, ready: Promise<void> = Promise.resolve()) {
  const app: App = fastify({ requestTimeout: 0 }).withTypeProvider<ZodTypeProvider>()
  const broken = Promise.withResolvers<unknown>()
  addBodyGuard(app, times)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request: unknown, _body: unknown, done: (error: null) => void) => done(null))
  for (const url of ['/ordinary', '/upload'])
    app.post(url, { config: { upload: url === '/upload' } }, async (request) => {
      await ready
      let size = 0
      try {
        for await (const chunk of request.raw) size += Buffer.from(chunk as Uint8Array).length
      } catch (reason) {
        broken.resolve(reason)
        throw reason
      }
      return `${size} bytes`
    })
  app.post('/deaf', async () => 'no')
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  return {
    broken: broken.promise,
    open(path: string, length: number): Socket {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: ${path === '/deaf' ? 'keep-alive' : 'close'}\r\nContent-Type: a/b\r\nContent-Length: ${length}\r\n\r\n`,
      )
      return socket
    },
    async [Symbol.asyncDispose]() {
      app.server.closeAllConnections()
      await app.close()
    },
  }
}

async function text(socket: Socket): Promise<string> {
  let got = ''
  socket.setEncoding('utf8').on('data', (chunk) => (got += String(chunk)))
  await once(socket, 'close')
  return got
}
