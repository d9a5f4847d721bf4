// One exchange over HTTP between the door and the MCP library: its requests and responses are those of the web platform.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendEventStream } from '../event-stream.ts'

/** The request as the library reads it; its body has been read and checked already. */
export function webRequest(request: FastifyRequest, signal: AbortSignal | undefined): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || name.startsWith(':') || name === 'authorization') continue
    headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  return new Request(`http://andon${request.url}`, {
    method: request.method,
    headers,
    ...(signal === undefined ? {} : { signal }),
  })
}

/** Sends a response of the library; a stream at the reader's pace, until the signal. `ended` is called once, at its end. */
export async function sendWeb(
  reply: FastifyReply,
  response: Response,
  { signal, heartbeatMs, ended }: { signal: AbortSignal | undefined; heartbeatMs: number; ended: () => void },
): Promise<FastifyReply> {
  void reply.status(response.status)
  for (const [name, value] of response.headers) if (name !== 'connection') void reply.header(name, value)
  const { body } = response
  if (body === null || response.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
    ended()
    return reply.send(body === null ? undefined : await response.text())
  }
  return sendEventStream(reply, linesOf(body, signal, ended), heartbeatMs)
}

async function* linesOf(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
  ended: () => void,
): AsyncGenerator<string, undefined> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  const leave = (): void => void reader.cancel().catch(() => {})
  try {
    if (signal?.aborted === true) return
    signal?.addEventListener('abort', leave, { once: true })
    // The head of the reply leaves with its first bytes, and news may be long in coming.
    yield ': here\n\n'
    for (let step = await reader.read(); !step.done; step = await reader.read())
      yield decoder.decode(step.value, { stream: true })
  } finally {
    signal?.removeEventListener('abort', leave)
    leave()
    ended()
  }
}
