// A server of a simulated engine begins to listen, or says which option keeps it from that.

import { once } from 'node:events'
import type { Server } from 'node:http'
import { AndonError } from '../core/errors.ts'

export interface ListeningAddress {
  host: string
  port: number
  /** Connections that may wait to be taken. Default: the system's. */
  backlog?: number
}

/** Resolves once it listens. `option` is the port's own on the command line. Throws `conflict` when it cannot. */
export async function listenAt(
  server: Server,
  { host, port, backlog }: ListeningAddress,
  option: '--port' | '--control-port',
): Promise<void> {
  const listening = once(server, 'listening')
  server.listen({ host, port, ...(backlog === undefined ? {} : { backlog }) })
  try {
    await listening
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    const why =
      code === 'EADDRINUSE'
        ? `Port ${port} on ${host} is taken by another program. Stop it, or choose another`
        : `Simulated engines cannot listen at ${host}, port ${port}: ${AndonError.from(cause).sentence}. Choose another`
    throw new AndonError('conflict', `${why} with ${option} (0 takes a free one).`, { cause })
  }
}
