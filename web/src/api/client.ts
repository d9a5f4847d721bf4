// Requests to the server this page came from: signed when there is a key, and errors as one class.

import { reached, unreachable } from './connection.ts'
import { key, signInNeeded } from './key.ts'

/** A request that failed. `code` is the server's (see /openapi.json), or `offline` when nobody answered. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** 0 when nobody answered. */
  readonly status: number
  readonly code: string
  /** One sentence for a person, in the server's words. */
  readonly detail: string
  readonly retryAfterMs: number | undefined
  /** What the server's log knows it by. */
  readonly requestId: string | undefined
  /** What is wrong with the input, one sentence each. */
  readonly problems: readonly string[]
  /** Of a full lane: its `places`, and how many are `ahead`. */
  readonly crowd: Readonly<Record<string, unknown>> | undefined

  constructor(facts: {
    status: number
    code: string
    detail: string
    retryAfterMs?: number | undefined
    requestId?: string | undefined
    problems?: readonly string[]
    crowd?: Readonly<Record<string, unknown>> | undefined
    cause?: unknown
  }) {
    super(facts.detail, { cause: facts.cause })
    this.status = facts.status
    this.code = facts.code
    this.detail = facts.detail
    this.retryAfterMs = facts.retryAfterMs
    this.requestId = facts.requestId
    this.problems = facts.problems ?? []
    this.crowd = facts.crowd
  }
}

export interface CallOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Sent as JSON. */
  json?: unknown
  /** Sent as it is: a file, a form. */
  body?: BodyInit
  headers?: Record<string, string>
  signal?: AbortSignal | undefined
}

/** Sends a request and returns its response when that is a good one. Throws an {@link ApiError} else; an abort is thrown as it is. */
export async function call(path: string, options: CallOptions = {}): Promise<Response> {
  const { method = 'GET', json, body, headers = {}, signal } = options
  const used = key.value
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers: {
        accept: 'application/json',
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(used === undefined ? {} : { authorization: `Bearer ${used}` }),
        ...headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(body === undefined ? {} : { body }),
      ...(signal ? { signal } : {}),
    })
  } catch (cause) {
    signal?.throwIfAborted()
    unreachable()
    throw new ApiError({ status: 0, code: 'offline', detail: 'Andon does not answer.', cause })
  }
  reached()
  signInNeeded.value = response.status === 401
  if (response.ok) return response
  throw await errorOf(response)
}

/** GETs JSON. */
export async function getJson<Value>(path: string, options: Pick<CallOptions, 'signal'> = {}): Promise<Value> {
  const response = await call(path, options)
  return await response.json()
}

/** Sends JSON and reads the JSON that answers. (Where nothing answers, as to a DELETE: {@link call}.) */
export async function sendJson<Value>(
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  json?: unknown,
  options: Pick<CallOptions, 'signal' | 'headers'> = {},
): Promise<Value> {
  const response = await call(path, { method, ...(json === undefined ? {} : { json }), ...options })
  return await response.json()
}

async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '')
  const problem = objectIn(text)
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  const { code, detail, retryAfterMs, problems, crowd } = problem
  return new ApiError({
    status: response.status,
    code: typeof code === 'string' ? code : 'internal',
    detail: typeof detail === 'string' ? detail : `The server answered ${response.status} ${response.statusText}.`,
    retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : seconds >= 0 ? seconds * 1000 : undefined,
    requestId: response.headers.get('x-request-id') ?? undefined,
    problems: Array.isArray(problems) ? problems.filter((each) => typeof each === 'string') : [],
    crowd: typeof crowd === 'object' && crowd !== null ? { ...crowd } : undefined,
  })
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
