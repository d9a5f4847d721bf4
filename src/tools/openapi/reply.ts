// What a service answered, as the value of a call or as a failure in a sentence.

import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import { callFailed } from '../failure.ts'
import { withoutSecrets } from '../secrets.ts'

/** An answer that was read to its end. */
export interface ServiceReply {
  status: number
  headers: { readonly [name: string]: string | string[] | undefined }
  bytes: Buffer
}

/** Characters of a body that are told with a failure. */
const mostTold = 600

/**
 * JSON parsed, text as text, other bytes as `{ mediaType, base64 }`; of an answer without a body null, or what its
 * headers tell. Fails with `invalid` when it is no JSON though it says so.
 */
export function valueOf(reply: ServiceReply, method: string, maxBytes: number): Plain {
  const { status, headers } = reply
  if (method === 'HEAD')
    return { status, ...told(headers, ['content-type', 'content-length', 'etag', 'last-modified']) }
  if (reply.bytes.length === 0) {
    const place = told(headers, ['location'])
    return Object.keys(place).length > 0 ? { status, ...place } : null
  }
  const type = header(headers, 'content-type') ?? ''
  const mediaType = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const bytes = decoded(reply, maxBytes)
  if (isJson(mediaType)) {
    try {
      return JSON.parse(textOf(bytes, undefined)) as Plain
    } catch (reason) {
      throw new AndonError('internal', `The service says that it answers JSON, and does not: ${String(reason)}`, {
        cause: reason,
      })
    }
  }
  if (isText(mediaType)) return textOf(bytes, /charset="?([\w-]+)/i.exec(type)?.[1])
  return { mediaType: mediaType === '' ? 'application/octet-stream' : mediaType, base64: bytes.toString('base64') }
}

/**
 * Of an answer that is no success. `who` is the service as messages name it; secrets do not come into the sentence.
 * Answers 429 and 503 say that nothing was done; what the caller did wrong is not made right by asking again.
 */
export function statusFailure(
  reply: ServiceReply,
  who: string,
  secrets: readonly string[],
  maxBytes: number,
): AndonError {
  const { status } = reply
  let said = ''
  try {
    said = shortOf(decoded(reply, maxBytes), header(reply.headers, 'content-type') ?? '')
  } catch {
    // The status says enough.
  }
  const retryAfterMs = waitOf(header(reply.headers, 'retry-after'))
  const wait = retryAfterMs === undefined ? '' : `; it asks to wait ${Math.ceil(retryAfterMs / 1_000)} s`
  const message = withoutSecrets(`${who} answered ${status}${wait}${said === '' ? '' : `: ${said}`}`, secrets)
  const retryable = status === 429 || status === 503 ? true : status < 500 && status !== 408 ? false : undefined
  return callFailed({
    kind: 'failed',
    message,
    ...(retryable === undefined ? {} : { retryable }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

/** Milliseconds, of seconds or of a date. */
function waitOf(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

function shortOf(bytes: Buffer, type: string): string {
  const mediaType = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (bytes.length === 0 || !(isJson(mediaType) || isText(mediaType))) return ''
  const text = textOf(bytes.subarray(0, mostTold * 4), undefined)
    .replaceAll(/\s+/g, ' ')
    .trim()
  return text.length > mostTold ? `${text.slice(0, mostTold)}…` : text
}

function isJson(mediaType: string): boolean {
  return mediaType === 'application/json' || mediaType.endsWith('+json')
}

function isText(mediaType: string): boolean {
  return (
    mediaType.startsWith('text/') ||
    mediaType.endsWith('+xml') ||
    ['application/xml', 'application/x-ndjson', 'application/yaml', 'application/javascript'].includes(mediaType) ||
    mediaType === 'application/x-www-form-urlencoded'
  )
}

function textOf(bytes: Buffer, charset: string | undefined): string {
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    try {
      return new TextDecoder(charset).decode(bytes)
    } catch {
      // A charset that nobody knows: most texts are UTF-8 whatever they say.
    }
  }
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    ? bytes.toString('utf8', 3)
    : bytes.toString('utf8')
}

/** Not asked for, and sent by some nevertheless. */
function decoded({ headers, bytes }: ServiceReply, maxOutputLength: number): Buffer {
  const encoding = header(headers, 'content-encoding')?.trim().toLowerCase()
  if (encoding === undefined || encoding === '' || encoding === 'identity') return bytes
  const limit = { maxOutputLength }
  try {
    if (encoding === 'gzip' || encoding === 'x-gzip') return gunzipSync(bytes, limit)
    if (encoding === 'deflate') return inflateSync(bytes, limit)
    if (encoding === 'br') return brotliDecompressSync(bytes, limit)
  } catch (reason) {
    throw new AndonError('too-large', `The answer cannot be unpacked within ${maxOutputLength} bytes`, {
      cause: reason,
    })
  }
  throw new AndonError('unsupported', `The answer is encoded as ${encoding.slice(0, 40)}, which is not read`)
}

function told(headers: ServiceReply['headers'], names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = header(headers, name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** The first of a header's values. */
export function header(headers: ServiceReply['headers'], name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}
