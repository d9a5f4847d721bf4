// How many connections a pool has opened: whether a request that was cut had one of its own, or one kept from before,
// which the server may have closed at the very moment of sending.

import type { Pool } from 'undici'

export class Connections {
  /** Since the pool was made. */
  opened = 0

  /** Whether a request sent when so many were open failed because its connection was an old one. */
  wasReused(error: Error, openedBefore: number): boolean {
    const code: unknown = 'code' in error ? error.code : undefined
    const isCut = code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE'
    return isCut && openedBefore > 0 && this.opened === openedBefore
  }
}

const known = new WeakMap<Pool, Connections>()

/** What is known of a pool's connections. */
export function connectionsOf(pool: Pool): Connections {
  let connections = known.get(pool)
  if (connections === undefined) {
    const made = new Connections()
    connections = made
    known.set(pool, made)
    pool.on('connect', () => made.opened++)
  }
  return connections
}
