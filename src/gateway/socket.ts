// GET /v1/ws: a WebSocket on which several questions are asked and several answers followed at once.

import type { IncomingMessage } from 'node:http'
import websocket from '@fastify/websocket'
import type { WebSocket } from 'ws'
import { AndonError } from '../core/errors.ts'
import type { App, Door } from './door.ts'
import { sendError } from './errors.ts'
import { subprotocolFor } from './identity/credentials.ts'
import { SocketTalk } from './socket-talk.ts'

/** Largest message, in bytes: a larger one closes the socket with 1009. */
const mostBytes = 1024 * 1024

/** A socket is asked for a sign of life after this many heartbeats of a stream: 15 s by default. */
const pingsPerHeartbeat = 1.5

/** Closing codes of RFC 6455: the door closes; the other side is gone. */
const goingAway = 1001

/** Whether a request may turn its connection into another protocol. What asks for any other is answered as if it had not. */
export function mayUpgrade({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket'
}

/** Adds GET /v1/ws. */
export function addSocket(app: App, door: Door): void {
  const handleProtocols = (offered: Set<string>): string | false => subprotocolFor(offered)
  void app.register(websocket, { options: { maxPayload: mostBytes, handleProtocols } })
  // Node may read nothing more on a connection that was to speak another protocol. Where it became no WebSocket (another
  // path, no key), the reply says that the connection ends, and it ends: kept, it would hold the door open.
  app.addHook('onSend', async ({ headers }, reply) => {
    if (headers.upgrade !== undefined) void reply.header('connection', 'close')
  })
  app.addHook('onResponse', async ({ ws, raw }) => {
    if (wasUpgraded(raw) && !ws) raw.socket.destroySoon()
  })
  void app.register(async (scope) => {
    scope.route({
      method: 'GET',
      url: '/v1/ws',
      schema: {
        tags: ['Answers'],
        summary: 'A WebSocket: several questions at once, asked, followed and stopped',
        description:
          'Messages are JSON. In: `{type: "ask", ref, …the body of /v1/ask}`, `{type: "follow", ref, answer, after}`, `{type: "stop", ref or answer}`. Out: `{ref, number, event}`, `{ref, error}`, `{ref or answer, stopped}`. Each `ask` counts as a request. Closing the socket cancels what is not resumable; a key that is revoked meanwhile closes it with 1008.',
      },
      config: { scope: 'ask' },
      handler: (request, reply) =>
        sendError(
          request,
          reply.header('upgrade', 'websocket'),
          new AndonError('unsupported', 'This path speaks WebSocket: connect with ws:// or wss://.'),
          426,
        ),
      wsHandler: (socket, request) => {
        const caller = door.callerOf(request)
        const talk = new SocketTalk(socket, door, {
          identify: () => request.identifyAgain(),
          count: () => request.countAgain(),
          caller,
          requestId: request.id,
        })
        keepAlive(socket, door.heartbeatMs * pingsPerHeartbeat)
        const closeWhenIdle = (): void => {
          if (door.draining() && talk.idle) socket.close(goingAway, 'Andon is being stopped.')
        }
        talk.onIdle = closeWhenIdle
        socket.once('close', door.visits.onClosing(closeWhenIdle))
        caller.signal?.addEventListener('abort', () => {
          talk.end(AndonError.from(caller.signal?.reason))
          socket.close(goingAway, 'Andon is being stopped.')
        })
      },
    })
  })
}

/** Whether Node has handed the connection of a request over: it says so on the request itself. */
function wasUpgraded(raw: IncomingMessage): boolean {
  return Reflect.get(raw, 'upgrade') === true
}

/** Asks for signs of life; a socket that gives none is closed, so that nothing is made for nobody. */
function keepAlive(socket: WebSocket, everyMs: number): void {
  let alive = true
  const timer = setInterval(() => {
    if (!alive) return socket.terminate()
    alive = false
    socket.ping()
  }, everyMs).unref()
  socket.on('pong', () => (alive = true))
  socket.on('message', () => (alive = true))
  socket.once('close', () => clearInterval(timer))
}
