// One error for every part of Andon: a short list of codes that mean the same on both sides of a thread, a process
// and a socket, because only `code`, `message`, `retryAfterMs` and a plain `detail` cross a wire.

import type { Plain } from './plain.ts'

/** What went wrong, in one word. The HTTP and gRPC status belong to the code (see {@link statusOf}). */
export type Code =
  | 'cancelled' //       the caller left or said stop
  | 'deadline' //        the time budget ran out
  | 'overloaded' //      a queue or a limit is full: try again after `retryAfterMs`
  | 'unavailable' //     the place, model or store that does this is gone or unreachable
  | 'invalid' //         the input is wrong: the message names what, its value and what to do
  | 'unauthenticated' // no identity, or one that does not hold
  | 'forbidden' //       a known identity that may not do this
  | 'not-found' //       nothing has this id (also: it belongs to another tenant)
  | 'conflict' //        somebody else changed it first, or holds it
  | 'too-large' //       over a stated limit
  | 'unsupported' //     a kind of input Andon does not read
  | 'internal' //        a fault of ours

const status: Record<Code, { http: number; grpc: number }> = {
  cancelled: { http: 499, grpc: 1 },
  deadline: { http: 504, grpc: 4 },
  overloaded: { http: 429, grpc: 8 },
  unavailable: { http: 503, grpc: 14 },
  invalid: { http: 400, grpc: 3 },
  unauthenticated: { http: 401, grpc: 16 },
  forbidden: { http: 403, grpc: 7 },
  'not-found': { http: 404, grpc: 5 },
  conflict: { http: 409, grpc: 10 },
  'too-large': { http: 413, grpc: 11 },
  unsupported: { http: 415, grpc: 12 },
  internal: { http: 500, grpc: 13 },
}

/** An error as it crosses a wire. */
export interface WireError {
  code: Code
  message: string
  retryAfterMs?: number
  detail?: Plain
}

export interface AndonErrorOptions extends ErrorOptions {
  /** When it is worth trying again, in milliseconds from now. */
  retryAfterMs?: number
  /** Plain facts for programs: never secrets, never objects with behaviour. */
  detail?: Plain
}

/** The one error class. Its message begins with the code: `[invalid] …`. `cause` stays at home, for the log. */
export class AndonError extends Error {
  override readonly name = 'AndonError'
  readonly code: Code
  readonly retryAfterMs: number | undefined
  readonly detail: Plain | undefined
  /** The sentence without the code in front. */
  readonly sentence: string

  constructor(code: Code, sentence: string, options: AndonErrorOptions = {}) {
    const { stackTraceLimit } = Error
    // A cancellation is no fault to be found; and when a thousand readers leave at once, a thousand traces take long.
    if (code === 'cancelled') Error.stackTraceLimit = 0
    super(`[${code}] ${sentence}`, options.cause === undefined ? undefined : { cause: options.cause })
    Error.stackTraceLimit = stackTraceLimit
    this.code = code
    this.sentence = sentence
    this.retryAfterMs = options.retryAfterMs
    this.detail = options.detail
  }

  /** The only way in: turns anything thrown into an AndonError, keeping what it already says. */
  static from(reason: unknown, fallback: Code = 'internal'): AndonError {
    if (reason instanceof AndonError) return reason
    if (reason instanceof Error) {
      const code: Code =
        reason.name === 'AbortError'
          ? 'cancelled'
          : reason.name === 'TimeoutError'
            ? 'deadline'
            : (systemCode(reason) ?? fallback)
      return new AndonError(code, reason.message, { cause: reason })
    }
    return new AndonError(
      fallback,
      typeof reason === 'string' ? reason : `Something that is no Error was thrown: ${String(reason)}`,
    )
  }

  static fromWire(error: WireError): AndonError {
    return new AndonError(error.code, error.message, {
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
      ...(error.detail === undefined ? {} : { detail: error.detail }),
    })
  }

  toWire(): WireError {
    return {
      code: this.code,
      message: this.sentence,
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
      ...(this.detail === undefined ? {} : { detail: this.detail }),
    }
  }
}

/** The status that a door answers with for an error. */
export function statusOf(code: Code): { http: number; grpc: number } {
  return status[code]
}

/** Whether a word is one of the codes: for errors that come from where words are only words. */
export function isCode(word: string): word is Code {
  return Object.hasOwn(status, word)
}

function systemCode(error: Error): Code | undefined {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'overloaded'
    case 'ENOENT':
      return 'not-found'
    case 'ECONNREFUSED':
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return 'unavailable'
    default:
      return undefined
  }
}
