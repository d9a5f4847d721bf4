// WebSockets with frames that are none, messages that mean nothing, and clients that leave in the middle.

import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { messageIn } from '../../src/gateway/socket-messages.ts'
import { anything, nearlyOf, spelled, type Schema } from './values.ts'
import { longest } from './wire.ts'

/** Messages as a client may send them, and as it may not: texts, and bytes. */
export function messages(ids: Record<string, string>): fc.Arbitrary<string | Buffer> {
  const schema = z.toJSONSchema(messageIn, { io: 'input', unrepresentable: 'any' }) as Schema
  const text = nearlyOf(schema, {}).map((value) => spelled(value, ids))
  return fc.oneof(
    { weight: 8, arbitrary: text },
    { weight: 1, arbitrary: anything.map((value) => spelled(value, ids)) },
    { weight: 1, arbitrary: fc.tuple(text, fc.nat()).map(([whole, at]) => whole.slice(0, at % (whole.length + 1))) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
  )
}

const upgrade = `GET /v1/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`

/** A frame of a client, masked with nothing. */
const frame = (first: number, length: number, body = ''): Buffer =>
  Buffer.concat([
    Buffer.from(length < 126 ? [first, 0x80 | length] : [first, 0x80 | 126, length >> 8, length & 255]),
    Buffer.alloc(4),
    Buffer.from(body, 'latin1'),
  ])

const hello = '{"type":"stop","ref":"x"}'
const broken: Record<string, Buffer> = {
  'without a mask': Buffer.concat([Buffer.from([0x81, hello.length]), Buffer.from(hello)]),
  'with reserved bits': frame(0xf1, hello.length, hello),
  'with an unknown code': frame(0x83, hello.length, hello),
  'that goes on with nothing': frame(0x80, hello.length, hello),
  'that is never finished': Buffer.concat([frame(0x01, 3, '{"t'), frame(0x01, 3, 'ype')]),
  'that is half there': frame(0x81, 100, hello),
  'of 2^63 bytes': Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
  'of 5 MB': Buffer.concat([
    Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0x4c, 0x4b, 0x40, 0, 0, 0, 0]),
    Buffer.alloc(2_000_000, 'x'),
  ]),
  'that is no UTF-8': frame(0x81, 2, '\u00c3\u0028'),
  'of a ping that is too long': frame(0x89, 300, 'x'.repeat(300)),
  'of a ping in pieces': frame(0x09, 1, 'x'),
  'of a close with a wrong code': frame(0x88, 2, '\u0000\u0001'),
  'of a close with one byte': frame(0x88, 1, 'x'),
  'in 2,000 pieces': Buffer.concat([
    frame(0x01, 1, '{'),
    ...Array.from({ length: 2_000 }, () => frame(0x00, 1, ' ')),
    frame(0x80, 1, '}'),
  ]),
  'of 500 pings': Buffer.concat(Array.from({ length: 500 }, () => frame(0x89, 1, 'x'))),
}

/** What to write on a connection: an upgrade, and behind it frames that are none. */
export const brokenFrames: [what: string, bytes: Buffer][] = Object.entries(broken).map(([what, bytes]) => [
  `a frame ${what}`,
  Buffer.concat([Buffer.from(upgrade), bytes]),
])

/** Bytes without any sense behind an upgrade. */
export const noise: fc.Arbitrary<Buffer> = fc
  .uint8Array({ maxLength: 300 })
  .map((bytes) => Buffer.concat([Buffer.from(upgrade), bytes]))

/** What came of a connection. */
export type Ending = 'answered' | `closed ${number}` | 'hung' | `failed ${string}`

/**
 * Sends messages on one socket and then a question that is right. Ends with its answer, or with the code that the other
 * side closed with. With `leave`, the socket is cut instead of the question being asked.
 */
export function converse(port: number, list: readonly (string | Buffer)[], { leave = false } = {}): Promise<Ending> {
  const ending = Promise.withResolvers<Ending>()
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/ws`)
  const hung = setTimeout(() => ending.resolve('hung'), longest)
  socket.on('open', () => {
    for (const message of list) socket.send(message, { binary: typeof message !== 'string' })
    if (leave) {
      socket.terminate()
      ending.resolve('answered')
    } else last()
  })
  // Sixteen answers at once are the most: who is told so asks again.
  const last = (): void => {
    if (socket.readyState === socket.OPEN)
      socket.send(JSON.stringify({ type: 'ask', ref: 'the last', question: 'When does the lighthouse open?' }))
  }
  socket.on('message', (data: Buffer) => {
    const told = JSON.parse(data.toString()) as {
      ref?: string
      event?: { type: string }
      error?: { status: number; detail: string; code: string }
    }
    if (told.error && told.error.status >= 500 && told.error.status !== 504)
      ending.resolve(`failed ${told.error.detail}`)
    if (told.ref !== 'the last') return
    if (told.event?.type === 'answer-end') ending.resolve('answered')
    if (told.error?.code === 'overloaded') setTimeout(last, 50)
    else if (told.error) ending.resolve(`failed ${told.error.detail}`)
  })
  socket.on('close', (code) => ending.resolve(`closed ${code}`))
  socket.on('error', (error) => ending.resolve(`failed ${error.message}`))
  return ending.promise.finally(() => {
    clearTimeout(hung)
    socket.terminate()
  })
}
