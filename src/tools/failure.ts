// What a tool says about its own failure: which kind it is, and whether the call may be made again.

import { AndonError } from '../core/errors.ts'
import type { Code } from '../core/errors.ts'
import type { ToolErrorKind } from './tool.ts'

/** A failure as a tool knows it. */
export interface CallFailure {
  kind: ToolErrorKind
  message: string
  /** Default: as its tool allows, see `ToolTraits.idempotent`. */
  retryable?: boolean
  /** When it is worth trying again, in milliseconds. */
  retryAfterMs?: number
}

class CallFailed extends AndonError {
  readonly failure: CallFailure

  constructor(failure: CallFailure, cause: unknown) {
    super('internal', failure.message, { cause })
    this.failure = failure
  }
}

/** An error for a tool to throw when it knows what its failure is. `cause` stays where it is thrown. */
export function callFailed(failure: CallFailure, cause?: unknown): AndonError {
  return new CallFailed(failure, cause)
}

/** Longest message, in characters. */
const longest = 4_000

/** Reads anything a tool threw. */
export function failureOf(reason: unknown): CallFailure {
  const failure = read(reason)
  return failure.message.length > longest ? { ...failure, message: failure.message.slice(0, longest) } : failure
}

function read(reason: unknown): CallFailure {
  if (reason instanceof CallFailed) return reason.failure
  if (reason instanceof AndonError) {
    const { code, sentence: message, retryAfterMs } = reason
    return {
      kind: kinds[code] ?? 'failed',
      message,
      ...(code === 'unavailable' ? { retryable: true } : {}),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    }
  }
  if (!(reason instanceof Error)) return { kind: 'failed', message: String(reason) }
  const { code } = reason as NodeJS.ErrnoException
  const memory = code === 'ERR_MEMORY_ALLOCATION_FAILED' || code === 'ERR_WORKER_OUT_OF_MEMORY'
  return { kind: memory ? 'out-of-memory' : 'failed', message: reason.message || reason.name }
}

const kinds: Partial<Record<Code, ToolErrorKind>> = {
  deadline: 'timeout',
  cancelled: 'cancelled',
  overloaded: 'overloaded',
  'too-large': 'output-too-large',
}
