// The headers of a reply to a request for a model: one flat list of names and values, which Node writes as it stands. An
// object that grows by a header at a time costs more than all else that is done to answer.

import type { IncomingHttpHeaders } from 'node:http'
import type { Answering } from '../../router/wire/reply.ts'
import { plainHeaders, safeHeaders } from '../headers.ts'

/** Names and values by turns. */
export type Head = string[]

const toPages = Object.entries(safeHeaders).flat()
const toPrograms = Object.entries(plainHeaders).flat()

/** What every reply to this request has. Of what a page sends, its browser says where it comes from. */
export function beginHead(requestId: string, headers: IncomingHttpHeaders): Head {
  const isPage = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined
  const head = (isPage ? toPages : toPrograms).slice()
  head.push('x-request-id', requestId)
  return head
}

/** The same, with who answers and what comes; `length` in bytes, when all of it is there. */
export function headOf(
  same: readonly string[],
  { endpoint, model, degraded, attempts, waitedMs }: Answering,
  contentType: string,
  length: number | undefined,
): Head {
  const head = same.slice()
  head.push('content-type', contentType, 'x-andon-model', headerWord(model))
  head.push('x-andon-attempts', String(attempts.length), 'x-andon-waited-ms', String(Math.round(waitedMs)))
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
