// How long the body of a request may take. Node knows one limit for all requests of a server; a large upload needs more
// than a question does. So the door keeps the time itself: an ordinary body comes whole within its time, an upload keeps
// coming, and neither holds a connection by sending a byte now and then.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { answerLateBody } from './client-errors.ts'
import type { App } from './door.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body may take as long as it likes, while it keeps coming. */
    upload?: boolean
  }
}

export interface BodyTimes {
  /** Milliseconds for the whole of an ordinary body. Default 30,000. */
  wholeMs?: number
  /** The period of an upload, in milliseconds: in each, something must come. Default 30,000. */
  periodMs?: number
  /** Bytes that must come in a period. Default 16 KiB: the slowest of modems sends more. */
  periodBytes?: number
}

/** Ends requests whose bodies come too slowly, with 408. The server's own `requestTimeout` must be 0. */
export function addBodyGuard(app: App, times: BodyTimes = {}): void {
  const { wholeMs = 30_000, periodMs = 30_000, periodBytes = 16 * 1024 } = times
  app.addHook('onRequest', async (request, reply) => {
    const { raw } = request
    if (raw.complete || !hasBody(request)) return
    const stop =
      request.routeOptions.config.upload === true
        ? watchPace(request, reply, periodMs, periodBytes)
        : watchWhole(request, reply, wholeMs)
    raw.once('end', stop)
    raw.once('close', stop)
  })
}

function watchWhole(request: FastifyRequest, reply: FastifyReply, wholeMs: number): () => void {
  const timer = setTimeout(() => {
    if (!request.raw.complete) end(request, reply)
  }, wholeMs).unref()
  return () => clearTimeout(timer)
}

function watchPace(request: FastifyRequest, reply: FastifyReply, periodMs: number, periodBytes: number): () => void {
  const { raw } = request
  const { socket } = raw
  let before = socket.bytesRead
  const timer = setInterval(() => {
    const came = socket.bytesRead - before
    before = socket.bytesRead
    // What has come and was not read yet holds the sender back: that is our slowness, not theirs.
    if (raw.complete || came >= periodBytes || raw.readableLength > 0) return
    end(request, reply)
  }, periodMs).unref()
  return () => clearInterval(timer)
}

/**
 * As Node's own limit does it: the answer goes to the socket, whoever reads the body hears that it broke off. Who was
 * answered before their body had come, and does not bring it to its end, is not told again.
 */
function end(request: FastifyRequest, reply: FastifyReply): void {
  const { socket } = request.raw
  if (reply.raw.headersSent) {
    socket.destroy()
    return
  }
  answerLateBody(socket)
}

function hasBody({ headers }: FastifyRequest): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}
