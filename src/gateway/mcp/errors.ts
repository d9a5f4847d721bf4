// What a failed call is over MCP: a result that a model can read and mend, or an error of the protocol where the call
// itself was refused.

import { ProtocolError, ProtocolErrorCode, type CallToolResult } from '@modelcontextprotocol/server'
import { AndonError, type Code } from '../../core/errors.ts'
import { toShow } from '../errors.ts'

/** Codes of an Andon that could not serve the call, however well it was made. */
const refusals: ReadonlySet<Code> = new Set<Code>([
  'cancelled',
  'overloaded',
  'unavailable',
  'unauthenticated',
  'internal',
])

/** The JSON-RPC code of an error that the server defines itself. */
const serverError = -32_000

/** The error of the protocol; `data` has Andon's code, and when to come back (`retryAfterMs`). */
export function protocolError(reason: unknown, requestId: string): ProtocolError {
  if (reason instanceof ProtocolError) return reason
  const { code, sentence, retryAfterMs, detail } = toShow(reason, requestId)
  const number = code === 'internal' ? ProtocolErrorCode.InternalError : serverError
  return new ProtocolError(number, sentence, {
    code,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(detail === undefined ? {} : { detail }),
  })
}

/** What a tool that threw answers with. Throws the error of the protocol for a call that was refused. */
export function failedResult(reason: unknown, requestId: string): CallToolResult {
  const error = AndonError.from(reason)
  if (reason instanceof ProtocolError || refusals.has(error.code)) throw protocolError(reason, requestId)
  return { isError: true, content: [{ type: 'text', text: error.sentence }] }
}
