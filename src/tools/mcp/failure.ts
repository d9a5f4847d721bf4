// What went wrong with a call of a server, in a sentence that names the server, and as a kind that tells whether the
// call may be made again.

import { AndonError } from '../../core/errors.ts'
import { callFailed, failureOf } from '../failure.ts'
import { lostCode } from './wire.ts'

/** What a server answers instead of a result. */
export class ProtocolFailure extends Error {
  readonly code: number

  constructor({ code, message }: { code: number; message: string }) {
    super(message)
    this.code = code
  }
}

/** JSON-RPC: the arguments are wrong. */
const invalidParams = -32_602

/** An error of a call as the executor is told it. Errors of transports are sentences without their subject. */
export function failure(server: string, reason: unknown): AndonError {
  const code = codeOf(reason)
  const message = (said: string): string => `The MCP server ${server} ${said}`
  if (code === lostCode) return callFailed({ kind: 'outcome-unknown', message: message(said(reason)) }, reason)
  if (code === invalidParams) return callFailed({ kind: 'invalid-arguments', message: said(reason) }, reason)
  if (typeof code === 'number') return callFailed({ kind: 'failed', message: said(reason) }, reason)
  if (reason instanceof AndonError) {
    const known = failureOf(reason)
    return callFailed({ ...known, message: message(known.message) }, reason)
  }
  return callFailed({ kind: 'failed', message: message(`failed: ${said(reason)}`) }, reason)
}

/** Whether it is the SDK's word for a connection that closed under a request. */
export function isClosed(reason: unknown): boolean {
  return codeOf(reason) === 'CONNECTION_CLOSED'
}

/** Whether it is the SDK's word for the end of a request's time, or for its caller's having left. */
export function isOver(reason: unknown): boolean {
  return codeOf(reason) === 'REQUEST_TIMEOUT'
}

function codeOf(reason: unknown): unknown {
  return reason instanceof AndonError ? undefined : (reason as { code?: unknown } | undefined)?.code
}

function said(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason)
}
