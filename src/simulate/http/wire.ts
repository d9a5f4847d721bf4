// Bodies in and out: JSON that is bounded, errors in vLLM's shape, and the label that all of it is simulated.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { AndonError } from '../../core/errors.ts'
import type { Code } from '../../core/errors.ts'

/** Longest body that is read, in bytes. */
const mostBytes = 32 * 1024 * 1024

/** In every reply. */
export const label = { server: 'andon-simulated-engine', 'x-simulated': 'true' } as const

/** Reads a JSON body. Throws `invalid` for anything else and `too-large` over 32 MB. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > mostBytes) throw new AndonError('too-large', `The body is longer than ${mostBytes} bytes.`)
    parts.push(part)
  }
  if (size === 0) return {}
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'))
  } catch (cause) {
    throw new AndonError('invalid', 'The body is not JSON.', { cause })
  }
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  send(response, status, 'application/json', JSON.stringify(value))
}

export function send(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: Record<string, string> = {},
): void {
  if (response.destroyed || response.headersSent) return
  const body = Buffer.from(text)
  response.writeHead(status, { ...label, 'content-type': type, 'content-length': body.length, ...headers })
  response.end(body)
}

/** An error as vLLM says it. */
export function errorBody(message: string, type: string, code: number): object {
  return { error: { message, type, param: null, code } }
}

/** vLLM answers 400 to prompts that are too long, and has no code of its own for many. */
const statuses: Partial<Record<Code, readonly [number, string]>> = {
  invalid: [400, 'BadRequestError'],
  'too-large': [400, 'BadRequestError'],
  unsupported: [400, 'BadRequestError'],
  unauthenticated: [401, 'AuthenticationError'],
  'not-found': [404, 'NotFoundError'],
  overloaded: [503, 'ServiceUnavailableError'],
  unavailable: [503, 'ServiceUnavailableError'],
}

export function sendError(response: ServerResponse, reason: unknown): void {
  const error = AndonError.from(reason)
  const [status, type] = statuses[error.code] ?? [500, 'InternalServerError']
  const { retryAfterMs } = error
  const headers: Record<string, string> =
    retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }
  send(response, status, 'application/json', JSON.stringify(errorBody(error.sentence, type, status)), headers)
}
