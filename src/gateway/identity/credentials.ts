// Where a request may carry its secret, and how the two that have no place of their own for it bring it along:
// browsers on a WebSocket, and programs that know Anthropic's header.

import type { IncomingMessage } from 'node:http'

/** Whatever has the headers of a request. */
export type Headed = Pick<IncomingMessage, 'headers'>

/** What a browser puts before its secret in the list of subprotocols: it can set no header on a WebSocket. */
const inSubprotocol = 'andon.key.'

/**
 * The secret that a request brings: `Authorization: Bearer`, else `x-api-key`, else the WebSocket subprotocol
 * `andon.key.<secret>`. Undefined when it brings none at all; empty when there is one that cannot be read.
 */
export function secretOf(request: Headed): string | undefined {
  const { authorization, 'x-api-key': apiKey } = request.headers
  if (authorization !== undefined) return /^Bearer +(\S+)$/i.exec(authorization.trim())?.[1] ?? ''
  if (apiKey !== undefined) return typeof apiKey === 'string' && /^\S+$/.test(apiKey) ? apiKey : ''
  const offered = request.headers['sec-websocket-protocol']
  if (offered === undefined) return undefined
  const names = offered.split(',').map((name) => name.trim())
  return names.find((name) => name.startsWith(inSubprotocol))?.slice(inSubprotocol.length)
}

/**
 * The subprotocol to answer a WebSocket with: the first that carries no secret, because the answer repeats it. False
 * when there is none. A page offers `['andon', 'andon.key.<secret>']`: browsers want one of theirs back.
 */
export function subprotocolFor(offered: Iterable<string>): string | false {
  for (const name of offered) if (!name.startsWith(inSubprotocol)) return name
  return false
}

/** Headers that a proxy adds for those behind it. */
const ofProxies = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'via',
]

/** Whether a request shows that a proxy passed it on: then it is not from this machine, wherever the proxy is. */
export function passedOn(request: Headed): boolean {
  return ofProxies.some((name) => request.headers[name] !== undefined)
}
