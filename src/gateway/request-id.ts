// The id of a request: the caller's own, so that it is found again in both logs, or one of ours.

import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** The `x-request-id` when it is 1 to 128 characters of `A-Z a-z 0-9 . _ -`, else a new UUID. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[\w.-]{1,128}$/.test(given) ? given : randomUUID()
}
