// Stations behind a socket, and what a port does with a stranger at the other end.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { serialize } from 'node:v8'
import { Board } from '../../test/every-place/board.ts'
import { withCode } from '../../test/every-place/expect.ts'
import { makeTestStation } from '../../test/every-place/stations.ts'
import type { Order } from '../../test/every-place/stations.ts'
import { openCall } from '../core/call.ts'
import { one } from '../core/station.ts'
import { frameVersion, Port } from './port.ts'
import { connectSocket, serveSocket, socketWire } from './socket.ts'

const call = openCall({ tenant: 'tests' })

describe('stations behind a socket', () => {
  let folder: string
  let path: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'andon-socket-'))
    path = join(folder, 'control.sock')
  })
  after(() => rm(folder, { recursive: true }))

  test('answer, stream and fail as anywhere else', async () => {
    await using _server = await serveSocket(path, { stations: [makeTestStation()] })
    await using remote = await connectSocket(path)
    const station = remote.station<Order, unknown>('test')
    assert.equal((await Array.fromAsync(station.run({ do: 'count', to: 50 }, call))).length, 50)
    await assert.rejects(one(station, { do: 'throw' }, call), withCode('internal'))
    const value = new Float32Array(3_000_000).fill(0.5)
    assert.deepEqual(await one(station, { do: 'echo', value }, call), value)
  })

  test('may be used by their owner only', { skip: process.platform === 'win32' }, async () => {
    await using _server = await serveSocket(path, { stations: [] })
    assert.equal((await stat(path)).mode & 0o777, 0o600)
  })

  test('that nobody serves are not found', async () => {
    await using _server = await serveSocket(path, { stations: [] })
    await using remote = await connectSocket(path)
    await assert.rejects(one(remote.station('missing'), null, call), withCode('not-found', /"missing"/))
    await assert.rejects(
      remote.open('1', { module: 'file:///etc/passwd', export: 'any', options: null }),
      withCode('forbidden'),
    )
  })

  test('stop when their reader hangs up', async () => {
    await using board = await Board.open()
    await using _server = await serveSocket(path, { stations: [makeTestStation()] })
    {
      await using remote = await connectSocket(path)
      const items = remote.station<Order, unknown>('test').run({ do: 'count', board: board.port, as: 'hung up' }, call)
      assert.equal((await items[Symbol.asyncIterator]().next()).value, 1)
    }
    assert.equal((await board.heard('hung up', 'stopped')).value, 'cancelled')
  })

  test('are unavailable once the other side is gone', async () => {
    const server = await serveSocket(path, { stations: [makeTestStation()] })
    await using board = await Board.open()
    const remote = await connectSocket(path)
    const station = remote.station<Order, unknown>('test')
    const waiting = one(station, { do: 'wait', board: board.port, as: 'gone' }, call)
    await one(station, { do: 'echo', value: 1 }, call)
    const failed = assert.rejects(waiting)
    await server[Symbol.asyncDispose]()
    await failed
    await assert.rejects(one(station, { do: 'echo', value: 1 }, call), withCode('unavailable'))
    await assert.rejects(connectSocket(path), withCode('unavailable', /is Andon running/))
  })

  test('are served by one program at a time', async () => {
    await using _server = await serveSocket(path, { stations: [] })
    await assert.rejects(serveSocket(path, { stations: [] }), withCode('conflict'))
  })
})

test('another version of the frames is refused by both sides, in a sentence', async () => {
  await using server = await serveSocket(0, { stations: [] })
  const socket = connect(server.port ?? 0, '127.0.0.1')
  const port = new Port(socketWire(socket))
  const refusal = new Promise((resolve) => {
    port.wire.onMessage((frames) => {
      for (const frame of frames) if (frame.kind === 'bye') resolve(frame.error?.message)
    })
  })
  port.send({ kind: 'hello', version: frameVersion + 1 })
  assert.match(String(await refusal), /run the same Andon on both/)

  const old = createServer((end) => new Port(socketWire(end)).send({ kind: 'hello', version: 0 })).listen(
    0,
    '127.0.0.1',
  )
  await once(old, 'listening')
  await assert.rejects(connectSocket((old.address() as AddressInfo).port), withCode('unsupported', /version 0/))
  old.close()
})

test('frames of unknown calls are ignored', async () => {
  await using server = await serveSocket(0, { stations: [makeTestStation()] })
  const socket = connect(server.port ?? 0, '127.0.0.1')
  const port = new Port(socketWire(socket))
  const answer = new Promise((resolve) => {
    port.wire.onMessage((frames) => {
      for (const frame of frames) if (frame.kind === 'pong') resolve(frame.rss)
    })
  })
  port.send({ kind: 'credit', id: 7, more: 1 })
  port.send({ kind: 'cancel', id: 8, code: 'cancelled' })
  port.send({ kind: 'close', station: 'nothing' })
  port.send({ kind: 'items', id: 9, values: [1] })
  port.send({ kind: 'ping' })
  assert.ok(Number(await answer) > 0)
  socket.destroy()
})

for (const [what, bytes] of Object.entries({
  'a message that is too long': Buffer.from([0xff, 0xff, 0xff, 0xff]),
  'a message that is not made of frames': withLength(serialize({ kind: 'hello' })),
  'bytes that are no message': withLength(Buffer.from('GET / HTTP/1.1\r\n\r\n')),
})) {
  test(`${what} ends the connection, and only that one`, async () => {
    await using server = await serveSocket(0, { stations: [makeTestStation()] })
    const stranger = connect(server.port ?? 0, '127.0.0.1').on('error', () => {})
    const closed = once(stranger, 'close')
    stranger.write(bytes)
    stranger.resume()
    await closed
    await using remote = await connectSocket(server.port ?? 0)
    assert.equal(await one(remote.station<Order, unknown>('test'), { do: 'echo', value: 1 }, call), 1)
  })
}

function withLength(body: Buffer): Buffer {
  const header = Buffer.alloc(4)
  header.writeUInt32BE(body.length)
  return Buffer.concat([header, body])
}
