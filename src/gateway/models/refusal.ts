// How a request for a model is refused when nothing of an answer was sent: in OpenAI's shape, with an honest time to come
// back.

import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { statusOf } from '../../core/errors.ts'
import type { Refusal } from '../../router/wire/first-content.ts'
import { openAIErrorOf, toShow } from '../errors.ts'

/** Answers with an error; `id` is the request's. */
export function refuse(response: ServerResponse, reason: unknown, id: string, headers: OutgoingHttpHeaders): void {
  if (response.headersSent || response.destroyed) return
  const error = toShow(reason, id)
  const body = Buffer.from(JSON.stringify(openAIErrorOf(error)))
  const { retryAfterMs } = error
  const all: OutgoingHttpHeaders = { ...headers }
  all['content-type'] = 'application/json'
  all['content-length'] = body.length
  if (retryAfterMs !== undefined) all['retry-after'] = String(Math.max(1, Math.ceil(retryAfterMs / 1000)))
  response.writeHead(statusOf(error.code).http, all)
  response.end(body)
}

/** Answers with what the model server itself said of the request. */
export function repeatRefusal(response: ServerResponse, said: Refusal, headers: OutgoingHttpHeaders): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(said.status, {
    ...headers,
    'content-type': said.contentType,
    'content-length': said.body.length,
  })
  response.end(said.body)
}
