// What users of other gateways have complained of, as far as it is about memory: nothing is kept of a request that has
// ended, and of one that goes on no more than is on its way.

import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { ConcurrentRouter, type ModelEndpoint } from '../../src/router/index.ts'
import { openTestGateway } from './gateway.ts'
import { ModelServer } from './model-server.ts'
import { frame, openModelServer, type Came } from './upstream-server.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const megabyte = 1024 * 1024
const ended = `${frame({}, 'stop')}data: [DONE]\n\n`

/** Waits until hardly any of these is in memory: the last one may still stand on the stack or in a pool of connections. */
async function allGone(kept: WeakRef<object>[]): Promise<void> {
  const alive = (): number => kept.filter((one) => one.deref() !== undefined).length
  for (let tries = 0; alive() > 4 && tries < 50; tries++) {
    await turn()
    collect()
  }
  assert.ok(alive() <= 4, `${alive()} of ${kept.length} are still there`)
}

/** Bytes that the process holds, without what only waits to be collected: bytes outside of the heap go a turn later. */
async function held(): Promise<number> {
  let least = Infinity
  for (let tries = 0; tries < 4; tries++) {
    await turn()
    collect()
    const { heapUsed, external } = process.memoryUsage()
    least = Math.min(least, heapUsed + external)
  }
  return least
}

/** A gateway before one server, with what Node and undici made for each request to the gateway and by it. */
async function openWatched(endpoint: Partial<ModelEndpoint> & { url: string }) {
  const stack = new AsyncDisposableStack()
  const router = stack.use(
    new ConcurrentRouter({ endpoints: [{ name: 'one', model: 'm', idleMs: 60_000, ...endpoint }], attempts: 1 }),
  )
  const door = stack.use(await openTestGateway(router))
  const made: WeakRef<object>[] = []
  let connections = 0
  const here = (message: unknown): void => {
    const { request, response, socket } = message as {
      request: IncomingMessage
      response: ServerResponse
      socket: Socket
    }
    if (socket.localPort === door.gateway.port) made.push(new WeakRef(request), new WeakRef(response))
  }
  const there = (message: unknown): void => {
    const { request } = message as { request: { origin?: string } }
    if (endpoint.url.startsWith(String(request.origin))) made.push(new WeakRef(request))
  }
  const connected = (message: unknown): void => {
    const { connectParams } = message as { connectParams: { port: string } }
    if (connectParams.port === new URL(endpoint.url).port) connections++
  }
  const channels = [
    ['http.server.request.start', here],
    ['undici:request:create', there],
    ['undici:client:connected', connected],
  ] as const
  for (const [name, hear] of channels) subscribe(name, hear)
  stack.defer(() => {
    for (const [name, hear] of channels) unsubscribe(name, hear)
  })
  return { router, door, made, connections: () => connections, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

test('BerriAI/litellm#12685, #15128, #6404: nothing of a request is kept once it has ended, however it ended', async () => {
  await using server = await ModelServer.start()
  await using router = new ConcurrentRouter({ endpoints: [{ name: 'one', url: server.url, model: 'm' }], attempts: 1 })
  const kept: WeakRef<object>[] = []
  const one = async (count: number): Promise<void> => {
    server.manner = (['well', 'cut-after', 'malformed', 'well'] as const)[count % 4] ?? 'well'
    const leave = new AbortController()
    kept.push(new WeakRef(leave.signal))
    try {
      const chat = await router.routeRequest(`Question ${count}`, { stream: true, signal: leave.signal })
      kept.push(new WeakRef(chat))
      for await (const _event of chat) if (count % 4 === 3) leave.abort()
    } catch {
      // It ended in its own way.
    }
  }
  for (let count = 0; count < 200; count++) await one(count)
  assert.ok(kept.length >= 300)
  await allGone(kept)
})

test('BerriAI/litellm#27954, #13805: a gateway keeps nothing of what it passed on, and opens nothing anew for each', async () => {
  await using server = await ModelServer.start()
  await using all = await openWatched({ url: server.url })
  for (let count = 0; count < 100; count++) {
    const response = await all.door.chat({ stream: true, user: `user ${count}` })
    assert.match(await response.text(), /Hello[^]* world[^]*\[DONE\]/)
  }
  assert.ok(all.connections() <= 4, `${all.connections()} connections for 100 requests, one after the other`)
  for (let count = 0; count < 100; count++) {
    server.manner = (['400', 'cut-after', 'malformed', 'endless'] as const)[count % 4] ?? 'well'
    const leave = new AbortController()
    const response = await all.door.chat({ stream: true }, { signal: leave.signal })
    if (server.manner === 'endless') leave.abort()
    await response.text().catch(() => '')
  }
  while (all.router.state().inFlight > 0) await turn()
  // Requests that the gateway got, its answers to them, and what it asked of the server.
  assert.ok(all.made.length >= 600, `${all.made.length}`)
  await allGone(all.made)
})

test('BerriAI/litellm#18367: of pictures in the answers of Gemini nothing is kept', async () => {
  const picture = { inlineData: { mimeType: 'image/png', data: 'A'.repeat(megabyte) } }
  const said = (parts: object[], more: object = {}): string =>
    `data: ${JSON.stringify({ candidates: [{ content: { role: 'model', parts }, index: 0, ...more }] })}\n\n`
  const answer = `${said([{ text: 'Here' }])}${said([picture])}${said([{ text: ' it is' }], { finishReason: 'STOP' })}`
  await using server = await openModelServer(({ response }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(answer)
  })
  await using all = await openWatched({ url: server.url, protocol: 'gemini', apiKey: 'secret-key' })
  const ask = async (stream: boolean): Promise<void> => {
    assert.match(await (await all.door.chat({ stream })).text(), /Here[^]*it is/)
  }
  for (let count = 0; count < 4; count++) await ask(count % 2 === 0)
  const before = await held()
  for (let count = 0; count < 40; count++) await ask(count % 2 === 0)
  await allGone(all.made)
  const more = (await held()) - before
  assert.ok(more < 10 * megabyte, `${Math.round(more / megabyte)} MiB more after 40 pictures of one each`)
})

test('envoyproxy/envoy#39514: an answer that nobody reads is held back at its server and not in memory', async () => {
  const words = frame({ content: 'x'.repeat(64 * 1024) })
  const times = 768
  let waiting = 0
  const pour = ({ response, body }: Came): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    if (body.includes('"soon"')) return void response.end(`${frame({ content: 'Hello' })}${ended}`)
    let count = 0
    const go = (): void => {
      while (count < times) {
        count++
        if (response.write(words)) continue
        waiting++
        return void response.once('drain', () => {
          waiting--
          go()
        })
      }
      response.end(ended)
    }
    go()
  }
  await using server = await openModelServer(pour)
  await using all = await openWatched({ url: server.url })
  const soon = async (): Promise<void> => {
    assert.match(await (await all.door.chat({ stream: true, user: 'soon' })).text(), /\[DONE\]/)
  }
  await soon()
  const before = await held()
  const body = '{"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]}'
  const sockets = await Promise.all(
    Array.from({ length: 2 }, async () => {
      const socket = connect(all.door.gateway.port, '127.0.0.1')
      await once(socket, 'connect')
      socket.pause()
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      )
      return socket
    }),
  )
  while (waiting < 2) await turn()
  // Others are answered meanwhile, and the two do not come nearer to their end.
  for (let count = 0; count < 20; count++) await soon()
  assert.equal(waiting, 2)
  const more = (await held()) - before
  assert.ok(more < 16 * megabyte, `${Math.round(more / megabyte)} MiB more for two who do not read`)
  await Promise.all(
    sockets.map(async (socket) => {
      let bytes = 0
      let last = ''
      for await (const part of socket as AsyncIterable<Buffer>) {
        bytes += part.length
        last = (last + part.toString('latin1')).slice(-100)
      }
      assert.ok(bytes > times * words.length, `${bytes} bytes came`)
      assert.match(last, /data: \[DONE\]/)
    }),
  )
})

test('envoyproxy/envoy#39514: a body without an end is let go of at its limit, and nobody is asked', async () => {
  await using server = await ModelServer.start()
  await using all = await openWatched({ url: server.url })
  const before = await held()
  const socket = connect(all.door.gateway.port, '127.0.0.1')
  let said = ''
  socket.on('data', (part) => (said += String(part)))
  // It is closed while more is on its way.
  socket.on('error', () => undefined)
  const closed = Promise.withResolvers<void>()
  socket.on('close', () => closed.resolve())
  socket.write(
    'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n',
  )
  const part = `${megabyte.toString(16)}\r\n${' '.repeat(megabyte)}\r\n`
  let sent = 0
  const go = (): void => {
    while (!socket.destroyed && ++sent < 256 && socket.write(part)) continue
    if (sent === 256) socket.destroy()
  }
  socket.on('drain', go)
  go()
  await closed.promise
  assert.match(said, /^(HTTP\/1\.1 413 [^]*larger than 32 MiB|$)/)
  assert.ok(sent < 256, 'all of it was taken')
  assert.equal(server.asked, 0)
  await allGone(all.made)
  const more = (await held()) - before
  assert.ok(more < 16 * megabyte, `${Math.round(more / megabyte)} MiB more after it`)
})

test('envoyproxy/ai-gateway#494: a stream may be longer than any body, and have frames of any size', async () => {
  const sizes = [10, 512 * 1024, 3 * megabyte, ...Array.from({ length: 640 }, () => 64 * 1024)]
  const frames = sizes.map((size, index) => frame({ content: `${index} `.padEnd(size, 'x') }))
  const whole = Buffer.from([...frames, ended].join(''))
  await using server = await openModelServer(({ response }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(whole)
  })
  await using all = await openWatched({ url: server.url })
  const response = await all.door.chat({ stream: true })
  assert.equal(response.status, 200)
  const came = Buffer.from(await response.arrayBuffer())
  assert.ok(whole.length > 40 * megabyte)
  assert.ok(came.equals(whole), `${came.length} of ${whole.length} bytes came`)
  assert.equal(server.came.length, 1)
})
