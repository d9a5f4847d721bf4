// What comes in that is no HTTP gets an answer too, in the same shape as every other error, and its connection ends.

import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { AndonError } from '../core/errors.ts'
import { problemOf } from './errors.ts'

/** Answers a request that the HTTP parser could not read, and closes the connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  // Who has left hears nothing any more.
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, reason, problem } = meaning(error)
  const body = JSON.stringify({ ...problemOf(problem, randomUUID()), status })
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** Answers a request whose body comes too slowly, and closes the connection: whoever reads the body hears that it broke off. */
export function answerLateBody(socket: Socket): void {
  answerClientError(Object.assign(new Error('The body came too slowly'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket)
  socket.destroySoon()
}

/** Answers a request that expects something else than to be told to go on. */
export function answerExpectation(request: IncomingMessage, response: ServerResponse): void {
  const expected = JSON.stringify((request.headers.expect ?? '').slice(0, 100))
  const problem = new AndonError('unsupported', `The header Expect is ${expected}: send 100-continue, or leave it out.`)
  const body = JSON.stringify({ ...problemOf(problem, randomUUID()), status: 417 })
  const type = { 'content-type': 'application/problem+json', 'x-content-type-options': 'nosniff' }
  // Who sends a body all the same would be cut off before reading this.
  request.resume()
  response.writeHead(417, { ...type, connection: 'close' }).end(body)
}

function meaning(error: NodeJS.ErrnoException): { status: number; reason: string; problem: AndonError } {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return {
        status: 431,
        reason: 'Request Header Fields Too Large',
        problem: new AndonError('too-large', 'The headers are larger than 16 kB. Send smaller or fewer ones.'),
      }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        status: 408,
        reason: 'Request Timeout',
        problem: new AndonError('deadline', 'The request did not come whole in time. Send it again, faster.'),
      }
    default:
      return {
        status: 400,
        reason: 'Bad Request',
        problem: new AndonError(
          'invalid',
          'The request is no valid HTTP/1.1. Look at its headers, and whether the address begins with http://.',
        ),
      }
  }
}
