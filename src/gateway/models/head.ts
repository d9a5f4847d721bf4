// The headers of a reply to a request for a model: one flat list of names and values, which Node writes as it stands. An
// object that grows by a header at a time costs more than all else that is done to answer.

import type { Answering } from '../../router/wire/reply.ts'
import { safeHeaders } from '../headers.ts'

/** Names and values by turns. */
export type Head = string[]

const always = Object.entries(safeHeaders).flat()

/** What every reply to this request has. */
export function beginHead(requestId: string): Head {
  return [...always, 'x-request-id', requestId]
}

/** The same, with who answers and what comes; `length` in bytes, when all of it is there. */
export function headOf(
  same: readonly string[],
  { endpoint, model, degraded, attempts, waitedMs }: Answering,
  contentType: string,
  length: number | undefined,
): Head {
  const head = [
    ...same,
    'content-type',
    contentType,
    'x-andon-model',
    headerWord(model),
    'x-andon-attempts',
    String(attempts.length),
    'x-andon-waited-ms',
    String(Math.round(waitedMs)),
  ]
  if (endpoint !== undefined) head.push('x-andon-endpoint', endpoint)
  if (degraded !== undefined) head.push('x-andon-degraded', headerWord(degraded))
  if (length !== undefined) head.push('content-length', String(length))
  // Proxies that gather what comes would hold the words back.
  else head.push('x-accel-buffering', 'no')
  return head
}

/** A name as a header may carry it: what is not ASCII as in an address, and no more than 200 characters. */
function headerWord(name: string): string {
  if (/^[\x21-\x7e]{1,200}$/.test(name)) return name
  return name
    .slice(0, 200)
    .toWellFormed()
    .replaceAll(/[^\x20-\x7e]/gu, (character) => encodeURIComponent(character))
}
