// Against DNS rebinding: a web page may point its own name at 127.0.0.1 and then read what a server there answers.
// A server that listens on loopback only therefore answers only to the names of this machine.

import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { App } from './door.ts'
import { AndonError } from '../core/errors.ts'

/**
 * Refuses requests that do not have exactly one Host header, and, when the gateway listens on a loopback address, those
 * whose Host is not a loopback name.
 */
export function addHostGuard(app: App, boundTo: string): void {
  app.addHook('onRequest', async (request) => {
    const hosts = hostsOf(request.raw)
    if (hosts !== 1) throw new AndonError('invalid', `The request has ${hosts} Host headers. Send exactly one.`)
  })
  if (!isLoopback(boundTo)) return
  app.addHook('onRequest', async (request) => {
    const name = request.hostname
    if (isLoopback(name)) return
    throw new AndonError(
      'forbidden',
      `The Host header names ${JSON.stringify(name)}, and Andon listens for this machine only. Use http://127.0.0.1 or http://localhost, or set host to let others in.`,
    )
  })
}

/** How many Host headers a request has. */
export function hostsOf({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): number {
  let hosts = 0
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const name = rawHeaders[place]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  return hosts
}

/** Whether a name or address always means this machine. */
export function isLoopback(name: string): boolean {
  const bare = name.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  if (isIP(bare) === 4) return bare.startsWith('127.')
  if (isIP(bare) === 6) return bare === '::1'
  return bare === 'localhost' || bare.endsWith('.localhost')
}
