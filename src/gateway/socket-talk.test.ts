// What one WebSocket is answered, and when it is not listened to: over a real socket, seen from both ends.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { WebSocket, WebSocketServer } from 'ws'
import { standInFactory } from '../../test/stand-in-factory.ts'
import { parseOptions } from '../parse-options.ts'
import { openAdmission } from './admission.ts'
import { SocketTalk } from './socket-talk.ts'

it('Who sends what cannot be read, and takes no answers, is not listened to until the answers are taken', async () => {
  await using stack = new AsyncDisposableStack()
  const server = stack.adopt(new WebSocketServer({ port: 0, host: '127.0.0.1' }), (open) => open.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = stack.adopt(new WebSocket(`ws://127.0.0.1:${port}`), (open) => open.terminate())
  const [[far]] = (await Promise.all([once(server, 'connection'), once(client, 'open')])) as [[WebSocket], unknown]
  const door = { factory: standInFactory(), admission: openAdmission(parseOptions({}).limits) }
  const principal = { kind: 'anonymous', name: 'me', tenant: 'default', scopes: ['ask'] } as const
  const talk = new SocketTalk(far, door, { identify: async () => principal, count() {}, caller: {}, requestId: 'r' })
  let taken = 0
  const all = Promise.withResolvers<void>()
  let sent = Infinity
  client.on('message', () => ++taken === sent && all.resolve())
  client.pause()
  let count = 0
  while (!far.isPaused && far.bufferedAmount < 8 * 1024 * 1024) {
    for (let at = 0; at < 200; at++, count++) client.send('{"type":')
    await turn()
  }
  assert.ok(far.isPaused, `${far.bufferedAmount} bytes wait`)
  sent = count
  client.resume()
  await all.promise
  assert.equal(far.isPaused, false)
  assert.ok(talk.idle)
})
