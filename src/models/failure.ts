// Turns what a model server says went wrong, in whichever dialect, into one AndonError with a sentence that names the
// server, the status and what to do.

import { AndonError } from '../core/errors.ts'
import type { Code } from '../core/errors.ts'

/** What a server says of when to come back is believed for a day at most. Milliseconds. */
export const longestRestMs = 86_400_000

/** What a server's error body says. */
export interface Problem {
  message: string
  /** HTTP-like status, when the body has one. */
  status?: number
  /** Kind or code word, such as `rate_limit_exceeded`. */
  type?: string
  /** How long it asks to be left alone, in milliseconds, when the body says so. */
  retryAfterMs?: number
  /** It is no word of the server's: what it sent could not be read. `message` is how that begins. */
  fault?: 'malformed'
}

/**
 * How an attempt went wrong below the words of the protocol, as `detail.kind` of its error says: nobody answered, the
 * line broke or the answer ended too early, it could not be read, nothing came in time, or the key was refused.
 */
export type Fault = 'refused' | 'cut' | 'malformed' | 'silent' | 'key'

/** Who failed, for the sentence. */
export interface Blame {
  /** "The model server at http://127.0.0.1:8000/v1". */
  who: string
  /** The setting that holds the address. */
  addressSetting: string
  /** The setting that holds the key. */
  keySetting: string
  /** The setting that names the model. */
  modelSetting: string
  model?: string
  /** Never shown: taken out of what the server says. */
  secrets: readonly string[]
}

/**
 * The problem in a parsed body or event, or undefined when it is none. Knows the shapes of OpenAI and vLLM
 * (`{error: {message, type, code}}`), llama.cpp, Ollama and TGI (`{error: "…"}`), FastChat (`{object: "error"}`),
 * Anthropic (`{type: "error", error}`), FastAPI (`{detail}`), Cloudflare (`{errors: [...]}`), Google (`[{error}]`),
 * MiniMax (`{base_resp}`) and the plain `{code, message}` of several clouds.
 */
export function problemIn(value: unknown): Problem | undefined {
  if (Array.isArray(value)) return value.length === 1 ? problemIn(value[0]) : undefined
  if (!isRecord(value)) return undefined
  const { error, detail, errors } = value
  if (typeof error === 'string' && error !== '') return problem(error, value)
  if (isRecord(error)) return problem(error['message'] ?? error['detail'] ?? JSON.stringify(error), error)
  if (Array.isArray(errors) && isRecord(errors[0])) return problem(errors[0]['message'], errors[0])
  if (typeof detail === 'string') return problem(detail, value)
  if (Array.isArray(detail)) return problem(detail.map(validation).join('; '), value)
  const { base_resp: base } = value
  if (isRecord(base) && typeof base['status_code'] === 'number' && base['status_code'] !== 0)
    return problem(base['status_msg'], { type: String(base['status_code']) })
  const said = value['message'] ?? value['msg']
  const isAnswer = 'choices' in value || 'data' in value || 'results' in value
  if (!isAnswer && typeof said === 'string' && (value['object'] === 'error' || 'code' in value || 'type' in value))
    return problem(said, value)
  return undefined
}

/** The error for an answer that is no 2xx. `body` is its text, as far as it came. */
export function statusFailure(blame: Blame, status: number, body: string, headers: Headers): AndonError {
  const found = problemIn(parsed(body))
  const isPage = /^\s*</.test(body)
  const said = found?.message ?? (isPage || body.trim() === '' ? undefined : body)
  return failure(blame, { ...found, message: said ?? '', status }, headers)
}

/** The error for a problem that came inside an answer that began well. */
export function eventFailure(blame: Blame, found: Problem): AndonError {
  const { message, fault } = found
  if (fault !== undefined)
    return new AndonError(
      'unavailable',
      `${blame.who} sent an event that is no JSON: ${quoted(message, blame.secrets).slice(0, 120)}`,
      { detail: { retry: true, kind: fault } },
    )
  return failure(blame, { ...found, status: found.status ?? statusOfType(found.type) ?? 500 }, {})
}

/** The headers that matter here. */
export interface Headers {
  retryAfter?: string | undefined
  /** As OpenAI and Azure say it more exactly, in milliseconds. */
  retryAfterMs?: string | undefined
  location?: string | undefined
}

function failure(blame: Blame, found: Problem & { status?: number }, headers: Headers): AndonError {
  const status = found.status ?? 500
  const quote = quoted(found.message, blame.secrets)
  const tail = quote === '' ? '.' : `: ${quote}`
  const exact = Number(headers.retryAfterMs ?? Number.NaN)
  const retryAfterMs =
    exact >= 0 ? Math.min(longestRestMs, exact) : (retryAfter(headers.retryAfter) ?? found.retryAfterMs)
  const make = (code: Code, sentence: string, retry: boolean, kind?: Fault): AndonError =>
    new AndonError(code, sentence, {
      detail: { status, retry, ...(kind === undefined ? {} : { kind }) },
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
  const { who } = blame

  // Google refuses a key as one of several things that are wrong with a request.
  if (status === 401 || status === 403 || (status === 400 && /api key not valid|api_key_invalid/i.test(found.message)))
    return make(
      'unavailable',
      `${who} refused the key (status ${status}): check ${blame.keySetting}${tail}`,
      false,
      'key',
    )
  if (status === 404 && blame.model !== undefined)
    return make(
      'unavailable',
      `${who} does not know the model "${blame.model}", or the path (status 404): check ${blame.modelSetting} and ${blame.addressSetting}${tail}`,
      false,
    )
  if (status === 404 || status === 405)
    return make(
      'unavailable',
      `${who} has no such path (status ${status}): check ${blame.addressSetting}${tail}`,
      false,
    )
  if (status === 429 || status === 529)
    return make('overloaded', `${who} has too much to do (status ${status})${tail}`, true)
  if (status === 413 || tooLong.test(`${found.message} ${found.type ?? ''}`))
    return make('too-large', `${who} says that the input is too long for it (status ${status})${tail}`, false)
  if (status === 408 || status === 504)
    return make('deadline', `${who} ran out of time (status ${status})${tail}`, true)
  if (status >= 300 && status < 400)
    return make(
      'unavailable',
      `${who} points elsewhere (status ${status}${headers.location === undefined ? '' : `, to ${quoted(headers.location, blame.secrets)}`}): set ${blame.addressSetting} to where it points`,
      false,
    )
  if (status >= 400 && status < 500)
    return make('invalid', `${who} did not take the request (status ${status})${tail}`, false)
  return make('unavailable', `${who} failed (status ${status})${tail}`, true)
}

const tooLong =
  /context[ _-]?(length|window|size)|maximum (context|number of) tokens|too many tokens|prompt is too long|input is too long|exceeds? the (available|maximum) context|must have less than \d+ tokens|batch size|too large/i

/** True when the same request may succeed a little later. */
export function worthRetrying(error: AndonError): boolean {
  if (isRecord(error.detail) && typeof error.detail['retry'] === 'boolean') return error.detail['retry']
  return error.code === 'overloaded' || error.code === 'unavailable'
}

/** The HTTP status behind an error of this folder, if it came from one. */
export function statusBehind(error: AndonError): number | undefined {
  return isRecord(error.detail) && typeof error.detail['status'] === 'number' ? error.detail['status'] : undefined
}

/** Seconds or a date, as RFC 9110 has it, in milliseconds from now; at most a day is believed. */
export function retryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const seconds = /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now()
  return Number.isNaN(seconds) ? undefined : Math.min(longestRestMs, Math.max(0, Math.ceil(seconds)))
}

/** Short, on one line, and without keys. */
export function quoted(text: string, secrets: readonly string[]): string {
  let clean = text
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, '…')
  return clean
    .replace(/\b(sk|pk|hf|gsk|xai)[-_][\w-]{6,}/g, '…')
    .replace(/\bAIza[\w-]{20,}/g, '…')
    .replace(/(bearer\s+)\S{8,}/gi, '$1…')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300)
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Parsed JSON, or undefined. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function problem(message: unknown, around: Record<string, unknown>): Problem {
  const status = [around['status'], around['code'], around['status_code'], around['statusCode']].find(
    (value) => typeof value === 'number' && value >= 400 && value < 600,
  )
  const type = [around['type'], around['code'], around['error_type'], around['status']].find(
    (value) => typeof value === 'string',
  )
  const retryAfterMs = retryInfo(around['details'])
  return {
    message: typeof message === 'string' ? message : JSON.stringify(message ?? 'no reason given'),
    ...(typeof status === 'number' ? { status } : {}),
    ...(typeof type === 'string' ? { type } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

/** Google says in the body when to come back: `{"@type": "….RetryInfo", "retryDelay": "34.5s"}`. */
function retryInfo(details: unknown): number | undefined {
  if (!Array.isArray(details)) return undefined
  const said = details.filter(isRecord).find((entry) => typeof entry['retryDelay'] === 'string')?.['retryDelay']
  return typeof said === 'string' && said.endsWith('s') ? retryAfter(said.slice(0, -1)) : undefined
}

/** FastAPI says where in the body a value is wrong. */
function validation(entry: unknown): string {
  if (!isRecord(entry)) return String(entry)
  const where = Array.isArray(entry['loc']) ? entry['loc'].join('.') : ''
  const said = typeof entry['msg'] === 'string' ? entry['msg'] : ''
  return [where, said].filter((part) => part !== '').join(': ')
}

function statusOfType(type: string | undefined): number | undefined {
  if (type === undefined) return undefined
  if (/rate_?limit|overloaded|too_many|quota|resource_exhausted/i.test(type)) return 429
  if (/unavailable/i.test(type)) return 503
  if (/timeout|deadline_exceeded/i.test(type)) return 504
  if (/auth|permission|api_?key/i.test(type)) return 401
  if (/not_?found/i.test(type)) return 404
  if (/invalid_?(request|argument)|bad_?request|context_length/i.test(type)) return 400
  return undefined
}
