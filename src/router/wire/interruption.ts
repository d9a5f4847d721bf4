// How a stream says that it broke off: a last frame with an error in OpenAI's shape, no `[DONE]`, and a connection that
// does not end as a whole answer would. No reader can take it for one.

import type { ServerResponse } from 'node:http'
import type { AndonError } from '../../core/errors.ts'

/** The last frame of a stream that broke off; `code` is `upstream_interrupted` when that was the server's doing. */
export function errorFrame(error: AndonError, code: string): string {
  const type = error.code === 'overloaded' ? 'rate_limit_error' : 'server_error'
  const body = { message: error.sentence, type, param: null, code }
  return `data: ${JSON.stringify({ error: body })}\n\n`
}

const brokenOff = new WeakMap<ServerResponse, AndonError>()

/** Sends what was written and closes the connection, without the mark that ends a body. */
export function endWithoutEnd(response: ServerResponse, reason: AndonError): void {
  brokenOff.set(response, reason)
  response.socket?.destroySoon()
}

/** Why a response was broken off from this side; undefined for every other. */
export function breakOf(response: ServerResponse): AndonError | undefined {
  return brokenOff.get(response)
}
