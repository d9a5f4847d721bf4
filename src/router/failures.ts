// What a failed attempt means: for the request, whether another endpoint may do better, and for the endpoint, whether
// it is to blame. Everything that an attempt can throw becomes one Failure here.

import { AndonError } from '../core/errors.ts'
import type { Code } from '../core/errors.ts'
import { isRecord, statusBehind } from '../models/failure.ts'
import type { EndpointSettings } from './endpoint.ts'
import type { Failure, FailureKind } from './order.ts'

/** What is known of a failure beside its kind and its sentence. */
export interface FailureFacts {
  /** HTTP status, when there was one. */
  status?: number
  /** How long the server asked to be left alone, in milliseconds. */
  retryAfterMs?: number
  cause?: unknown
}

/**
 * The error of an attempt whose kind is known where it is found: `failureOf` gives the same kind back. `busy` becomes
 * `overloaded`, `silent` `deadline`, `too-large` and `invalid` themselves, the others `unavailable`.
 */
export function failedAttempt(kind: FailureKind, sentence: string, facts: FailureFacts = {}): AndonError {
  const { status, retryAfterMs, cause } = facts
  return new AndonError(codes[kind], sentence, {
    detail: { kind, retry: elsewhere[kind], ...(status === undefined ? {} : { status }) },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(cause === undefined ? {} : { cause }),
  })
}

/** The failure behind whatever an attempt at `endpoint` threw: a Failure as it is, an AndonError, or any other error. */
export function failureOf(reason: unknown, endpoint: EndpointSettings): Failure {
  if (isFailure(reason)) return reason
  const code = systemCode(reason)
  const error =
    code !== undefined && !(reason instanceof AndonError) ? broken(reason, endpoint) : AndonError.from(reason)
  const status = statusBehind(error)
  const kind = kindOf(error, status, code ?? systemCode(error.cause))
  return {
    kind,
    error,
    ...(status === undefined ? {} : { status }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    elsewhere: elsewhere[kind] && error.code !== 'internal',
    blame: blamed(kind, error, status, endpoint),
  }
}

const codes: Record<FailureKind, Code> = {
  refused: 'unavailable',
  busy: 'overloaded',
  failed: 'unavailable',
  silent: 'deadline',
  malformed: 'unavailable',
  cut: 'unavailable',
  key: 'unavailable',
  'too-large': 'too-large',
  invalid: 'invalid',
}

/** A request that is itself wrong is wrong everywhere; one that is too large may fit a larger model. */
const elsewhere: Record<FailureKind, boolean> = {
  refused: true,
  busy: true,
  failed: true,
  silent: true,
  malformed: true,
  cut: true,
  key: true,
  'too-large': true,
  invalid: false,
}

function kindOf(error: AndonError, status: number | undefined, code: string | undefined): FailureKind {
  const told = isRecord(error.detail) ? error.detail['kind'] : undefined
  if (typeof told === 'string' && Object.hasOwn(codes, told)) return told as FailureKind
  if (error.code === 'too-large') return 'too-large'
  if (error.code === 'overloaded' || status === 503 || status === 429 || status === 529) return 'busy'
  if (status === 401 || status === 403) return 'key'
  if (status === 408 || status === 504) return 'failed'
  if (error.code === 'invalid' || error.code === 'unsupported') return 'invalid'
  if (status !== undefined) return 'failed'
  if (error.code === 'deadline') return 'silent'
  if (code !== undefined) return unreached.has(code) ? 'refused' : cutOff.has(code) ? 'cut' : 'malformed'
  return error.code === 'unavailable' ? 'malformed' : error.code === 'cancelled' ? 'cut' : 'failed'
}

function blamed(
  kind: FailureKind,
  error: AndonError,
  status: number | undefined,
  { model }: EndpointSettings,
): boolean {
  if (kind === 'invalid' || kind === 'too-large') return false
  // Where the caller's own name of a model is passed on, an unknown one is the caller's doing.
  if (status === 404 && model === undefined) return false
  return error.code !== 'internal' && error.code !== 'cancelled'
}

/** Of the system and undici: nothing was sent. */
const unreached = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Of the system and undici: the connection was lost. */
const cutOff = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_DESTROYED', 'UND_ERR_CLOSED'])

/** The word of the system, of undici or of its parser for what happened to a connection. */
function systemCode(reason: unknown): string | undefined {
  if (!(reason instanceof Error) || reason instanceof AndonError || !('code' in reason)) return undefined
  const { code } = reason
  const known = typeof code === 'string' && (/^(UND_ERR|HPE)_/.test(code) || unreached.has(code) || cutOff.has(code))
  return known && code !== 'UND_ERR_INVALID_ARG' ? code : undefined
}

function broken(reason: unknown, { name }: EndpointSettings): AndonError {
  return new AndonError(
    'unavailable',
    `The endpoint "${name}" could not be asked (${systemCode(reason)}): is it running, and is its url right?`,
    { cause: reason },
  )
}

function isFailure(reason: unknown): reason is Failure {
  return isRecord(reason) && reason['error'] instanceof AndonError && typeof reason['kind'] === 'string'
}
