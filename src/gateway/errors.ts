// Errors as the door says them: RFC 9457 problem details, and OpenAI's shape under its paths.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { AndonError, statusOf, type Code } from '../core/errors.ts'
import type { Plain } from '../core/plain.ts'
import { gatewayChannel } from './channel.ts'
import { noteFailure } from './failed-answers.ts'

/** A problem document (RFC 9457) with Andon's code as an extension. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  /** The id of the request: the log has it too. */
  instance: string
  code: Code
  retryAfterMs?: number
  /** What exactly is wrong with the input, one sentence each. */
  problems?: Plain
  /** Of a full lane: which it is, its `places`, how many wait there, and how many are `ahead`. */
  crowd?: Plain
}

/** OpenAI's error body. */
export interface OpenAIError {
  error: { message: string; type: string; param: string | null; code: string | null }
}

const titles: Record<Code, string> = {
  cancelled: 'The caller left',
  deadline: 'Out of time',
  overloaded: 'Too much at once',
  unavailable: 'Not available now',
  invalid: 'The request is wrong',
  unauthenticated: 'Not signed in',
  forbidden: 'Not allowed',
  'not-found': 'Not found',
  conflict: 'Changed in the meantime',
  'too-large': 'Too large',
  unsupported: 'Not supported',
  internal: 'A fault of Andon',
}

/** Error codes that Fastify gives before a handler runs, in Andon's words. */
const beforeHandler: Record<string, { code: Code; sentence: string }> = {
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'invalid', sentence: 'The body is not as long as Content-Length says.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported',
    sentence: 'This path reads JSON only. Send Content-Type: application/json.',
  },
  FST_ERR_BAD_URL: { code: 'invalid', sentence: 'The path is not a valid URL path.' },
}

/** Turns whatever was thrown into an error that may be shown: faults of ours keep their words for the log. */
export function toShow(reason: unknown, id: string): AndonError {
  const known = beforeHandler[frameworkCode(reason)]
  if (known) return new AndonError(known.code, known.sentence, { cause: reason })
  // A syntax error of the body parser, or another client error that Fastify marked with its status.
  if (!(reason instanceof AndonError) && clientStatus(reason)) {
    return new AndonError('invalid', `The request cannot be read: ${AndonError.from(reason).sentence}`, {
      cause: reason,
    })
  }
  const error = AndonError.from(reason)
  if (error.code !== 'internal') return error
  gatewayChannel.announce(() => ({ event: 'fault', id, error }))
  return new AndonError('internal', `Something went wrong inside Andon. Its log tells more under ${id}.`, {
    cause: reason,
  })
}

/** The problem document of an error. */
export function problemOf(error: AndonError, id: string): Problem {
  const problems = detailMember(error.detail, 'problems')
  const crowd = detailMember(error.detail, 'crowd')
  return {
    type: `urn:andon:${error.code}`,
    title: titles[error.code],
    status: statusOf(error.code).http,
    detail: error.sentence,
    instance: `urn:andon:request:${id}`,
    code: error.code,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    ...(problems === undefined ? {} : { problems }),
    ...(crowd === undefined ? {} : { crowd }),
  }
}

/** OpenAI's body of an error. */
export function openAIErrorOf(error: AndonError): OpenAIError {
  const param = detailWord(error.detail, 'param') ?? null
  return { error: { message: error.sentence, type: openAIType(error.code), param, code: openAICode(error) } }
}

/** Answers with an error in the shape that belongs to the path; `status` where HTTP knows one that the code does not. */
export function sendError(
  request: FastifyRequest,
  reply: FastifyReply,
  reason: unknown,
  status?: number,
): FastifyReply {
  const error = toShow(reason, request.id)
  noteFailure(reply.raw, error)
  const answered = status ?? statusOf(error.code).http
  if (error.retryAfterMs !== undefined)
    void reply.header('retry-after', Math.max(1, Math.ceil(error.retryAfterMs / 1000)))
  void reply.status(answered)
  if (speaksOpenAI(request)) return reply.type('application/json').send(openAIErrorOf(error))
  // Serialised here: Fastify's own serialiser knows the type only with a charset behind it.
  return reply
    .type('application/problem+json')
    .send(JSON.stringify({ ...problemOf(error, request.id), status: answered }))
}

/** Whether a route speaks OpenAI's protocol. Where there is none (404, 405, a path that cannot be read) the path tells. */
function speaksOpenAI({ is404, url, routeOptions }: FastifyRequest): boolean {
  if (!is404 && routeOptions.url !== undefined) return routeOptions.config.openai === true
  return /^\/v[12]\/(chat|models|responses|embeddings|rerank)\b/.test(url)
}

function openAIType(code: Code): string {
  switch (code) {
    case 'overloaded':
      return 'rate_limit_error'
    case 'forbidden':
      return 'permission_error'
    case 'internal':
    case 'unavailable':
    case 'deadline':
    case 'cancelled':
      return 'server_error'
    default:
      return 'invalid_request_error'
  }
}

function openAICode(error: AndonError): string {
  if (
    error.code === 'not-found' &&
    typeof error.detail === 'object' &&
    error.detail !== null &&
    'model' in error.detail
  )
    return 'model_not_found'
  // What its clients know a refused key by; its type is invalid_request_error.
  if (error.code === 'unauthenticated') return 'invalid_api_key'
  return detailWord(error.detail, 'code') ?? error.code.replaceAll('-', '_')
}

/** What a route that speaks OpenAI's protocol says itself of an error. */
function detailWord(detail: Plain | undefined, field: 'code' | 'param'): string | undefined {
  if (typeof detail !== 'object' || detail === null) return undefined
  const word: unknown = Reflect.get(detail, field)
  return typeof word === 'string' ? word : undefined
}

function detailMember(detail: Plain | undefined, name: string): Plain | undefined {
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return undefined
  return Object.entries(detail).find(([key]) => key === name)?.[1]
}

/** The code of an error that Fastify made, such as `FST_ERR_BAD_URL`; of another, an empty text. */
export function frameworkCode(reason: unknown): string {
  return reason instanceof Error && 'code' in reason && typeof reason.code === 'string' ? reason.code : ''
}

function clientStatus(reason: unknown): boolean {
  return (
    reason instanceof Error &&
    'statusCode' in reason &&
    typeof reason.statusCode === 'number' &&
    reason.statusCode >= 400 &&
    reason.statusCode < 500
  )
}
