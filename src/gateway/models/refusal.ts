// How a request for a model is refused when nothing of an answer was sent: in OpenAI's shape, with an honest time to come
// back.

import type { ServerResponse } from 'node:http'
import { statusOf } from '../../core/errors.ts'
import type { Refusal } from '../../router/wire/first-content.ts'
import { openAIErrorOf, toShow } from '../errors.ts'
import { noteFailure } from '../failed-answers.ts'
import type { Head } from './head.ts'

/** Answers with an error; `id` is the request's. */
export function refuse(response: ServerResponse, reason: unknown, id: string, same: readonly string[]): void {
  if (response.headersSent || response.destroyed) return
  const error = toShow(reason, id)
  noteFailure(response, error)
  const body = Buffer.from(JSON.stringify(openAIErrorOf(error)))
  const { retryAfterMs } = error
  const head: Head = [...same, 'content-type', 'application/json', 'content-length', String(body.length)]
  if (retryAfterMs !== undefined) head.push('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1000))))
  response.writeHead(statusOf(error.code).http, head)
  response.end(body)
}

/** Answers with what the model server itself said of the request. */
export function repeatRefusal(response: ServerResponse, said: Refusal, same: readonly string[]): void {
  if (response.headersSent || response.destroyed) return
  const head: Head = [...same, 'content-type', said.contentType, 'content-length', String(said.body.length)]
  response.writeHead(said.status, head)
  response.end(said.body)
}
