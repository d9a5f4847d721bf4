// What all transports share: messages as they come off a wire, the limits they are held to, and what a lost reply is.

import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client'
import { AndonError } from '../../core/errors.ts'

/** Bytes of one message. */
export const messageBytes = 8 * 2 ** 20

/** A transport whose end has a reason. Its errors are sentences without their subject, which is the server. */
export interface ReasonedTransport extends Transport {
  /** Why it closed. */
  readonly lostBecause: AndonError | undefined
}

/** Reads a message; undefined when the text is none. */
export function readMessage(text: string): JSONRPCMessage | undefined {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return undefined
  }
  return isMessage(message) ? message : undefined
}

/** Whether it is JSON-RPC 2.0; what it says is checked by whoever it is for. */
export function isMessage(message: unknown): message is JSONRPCMessage {
  return (
    typeof message === 'object' &&
    message !== null &&
    'jsonrpc' in message &&
    message.jsonrpc === '2.0' &&
    ('id' in message || 'method' in message)
  )
}

/** The id of a request; undefined of everything else. */
export function requestId(message: JSONRPCMessage): string | number | undefined {
  return 'method' in message && 'id' in message ? message.id : undefined
}

/** The id that a message answers. */
export function answeredId(message: JSONRPCMessage): string | number | undefined {
  return 'method' in message || !('id' in message) ? undefined : message.id
}

/** The request that a message takes back. */
export function cancelledId(message: JSONRPCMessage): unknown {
  if (!('method' in message) || message.method !== 'notifications/cancelled') return undefined
  return (message.params as { requestId?: unknown } | undefined)?.requestId
}

/** The code of an error that was made here, because the reply to a request will never come. */
export const lostCode = -32_098

/** Stands for a reply that will never come. */
export function lostReply(id: string | number, why: string): JSONRPCMessage {
  return { jsonrpc: '2.0', id, error: { code: lostCode, message: why } }
}
