// Which web pages may use the door from a browser. A page of somebody else can send requests here without its visitor
// knowing; browsers say where a request comes from, and those that change something are believed by that.

import cors from '@fastify/cors'
import { AndonError } from '../core/errors.ts'
import type { App } from './door.ts'

/** What a page may read of a reply beside its body. */
export const exposedHeaders = [
  'x-request-id',
  'retry-after',
  'andon-answer',
  'x-andon-endpoint',
  'x-andon-model',
  'x-andon-degraded',
  'x-andon-attempts',
  'x-andon-waited-ms',
  'idempotency-replayed',
  'mcp-session-id',
  'ratelimit',
  'ratelimit-policy',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
]

/**
 * Refuses what changes something, and WebSockets, when a page of another origin sends it; `origins` (commas between)
 * are let in, and may read the replies (CORS). Returns them. Throws `invalid` for an origin that is none.
 */
export async function addOrigins(app: App, origins: string | undefined): Promise<readonly string[]> {
  const allowed = readOrigins(origins)
  if (allowed.length > 0) {
    await app.register(cors, {
      origin: allowed,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposedHeaders,
      maxAge: 600,
      strictPreflight: false,
    })
  }
  app.addHook('onRequest', async ({ method, headers, host }) => {
    const upgrades = headers.upgrade?.toLowerCase() === 'websocket'
    if (!upgrades && (method === 'GET' || method === 'HEAD' || method === 'OPTIONS')) return
    const { origin } = headers
    if (origin === undefined) {
      if (headers['sec-fetch-site'] !== 'cross-site') return
      throw new AndonError('forbidden', `A web page of another site sent this request. ${howToAllow}`)
    }
    if (allowed.includes(origin) || isOwn(origin, host)) return
    const shown = origin.length > 200 ? `${origin.slice(0, 200)}…` : origin
    throw new AndonError('forbidden', `A web page of ${JSON.stringify(shown)} sent this request. ${howToAllow}`)
  })
  return allowed
}

const howToAllow = 'To let its origin in, name it in the option origins.'

/** The origins in a list with commas between, as browsers write them. */
export function readOrigins(origins: string | undefined): string[] {
  return (origins ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map((each) => {
      const url = URL.parse(each)
      const isOrigin = url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/` && !url.host.includes('*')
      if (isOrigin) return url.origin
      throw new AndonError(
        'invalid',
        `origins has ${JSON.stringify(each)}: it must be the address of a web page's server without a path, like https://app.example.org.`,
      )
    })
}

/** Whether an origin is the door itself, by the name that the browser knows it under; TLS may end before it. */
export function isOwn(origin: string, host: string): boolean {
  const from = URL.parse(origin)
  return from !== null && from.host !== '' && from.host === URL.parse(`${from.protocol}//${host}`)?.host
}
