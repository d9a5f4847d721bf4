// Closing the door without cutting anybody off: nobody new, then the requests under way, then the open connections.

import { Server as NetServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { AndonError } from '../core/errors.ts'
import type { Admission, App } from './door.ts'
import type { Visits } from './visits.ts'

export interface Drain {
  /** Whether the door is closing: it takes no new work. */
  readonly began: boolean
  /** Resolves when every connection is closed. */
  close(): Promise<void>
}

/**
 * Prepares the closing of a door: from `close` on, requests on connections that are open hear 503 and are told to close
 * them, except those to open routes, which say how the door is. Requests under way may take `drainMs`; idle connections
 * stay for `lingerMs`, because a client may just be sending on one.
 */
export function addDrain(
  app: App,
  visits: Visits,
  admission: Pick<Admission, 'close'>,
  { drainMs, lingerMs }: { drainMs: number; lingerMs: number },
): Drain {
  let began = false
  /** Connections that speak no HTTP any more: the server does not count them among its own. */
  const upgraded = new Set<Duplex>()
  app.server.on('upgrade', (_request, socket: Duplex) => {
    upgraded.add(socket)
    socket.once('close', () => upgraded.delete(socket))
  })
  app.addHook('onRequest', async (request) => {
    if (began && request.routeOptions.config.scope !== 'open') throw stopping()
  })
  app.addHook('onSend', async (_request, reply) => {
    if (began) void reply.header('connection', 'close')
  })

  async function close(): Promise<void> {
    began = true
    visits.beginClosing(stopping())
    // The method of the plain TCP server stops accepting and leaves idle connections alone; that of the HTTP server
    // would close them at once, and a request just sent on one would be lost.
    const closed = Promise.withResolvers<void>()
    NetServer.prototype.close.call(app.server, () => closed.resolve())
    admission.close(stopping())
    if (!(await visits.empty(drainMs))) {
      visits.end(stopping())
      await visits.empty(1000)
    }
    const linger = setTimeout(() => {
      app.server.closeAllConnections()
      for (const socket of upgraded) socket.destroy()
    }, lingerMs)
    await closed.promise
    clearTimeout(linger)
    await app.close()
  }

  let closing: Promise<void> | undefined
  return {
    get began() {
      return began
    },
    close: () => (closing ??= close()),
  }
}

function stopping(): AndonError {
  return new AndonError('unavailable', 'Andon is being stopped. Ask again in a moment.', { retryAfterMs: 1000 })
}
