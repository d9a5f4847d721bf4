// GET /v1/documents/:id/file: the document as it came, for saving and never for showing: what is in it is not ours.

import { Readable } from 'node:stream'
import { z } from 'zod'
import { AndonError } from '../core/errors.ts'
import { documentPath } from './documents.ts'
import type { App, Door } from './door.ts'
import { sendError } from './errors.ts'

interface Range {
  start: number
  /** The last byte, inclusive. */
  end: number
}

/** Adds GET /v1/documents/:id/file. */
export function addDocumentFile(app: App, door: Door): void {
  const bytes = { 'application/octet-stream': { schema: z.unknown().meta({ type: 'string', format: 'binary' }) } }
  const schema = {
    tags: ['Documents'],
    summary: 'Downloads a document as it came',
    description: 'One byte range can be asked for. The media type is that of the document.',
    params: documentPath,
    response: {
      200: { description: 'The bytes', content: bytes },
      206: { description: 'A range of the bytes', content: bytes },
      304: z.undefined().describe('The caller has it already.'),
    },
  }
  app.get('/v1/documents/:id/file', { schema, config: { scope: 'ask' } }, async (request, reply) => {
    const caller = door.callerOf(request)
    const { id, name, size, hash, mediaType } = await door.factory.document(request.params.id, caller)
    const tag = `"${hash}"`
    void reply
      .header('etag', tag)
      .header('cache-control', 'private, no-cache')
      .header('accept-ranges', 'bytes')
      .header('content-security-policy', "default-src 'none'; frame-ancestors 'none'; sandbox")
    const { range, 'if-none-match': known, 'if-range': unless } = request.headers
    if (
      known !== undefined &&
      (known === '*' || known.split(',').some((each) => each.trim().replace(/^W\//, '') === tag))
    )
      return await reply.status(304).send(undefined)
    const part = range === undefined || (unless !== undefined && unless !== tag) ? undefined : rangeOf(range, size)
    if (part === 'none') {
      void reply.header('content-range', `bytes */${size}`)
      return await sendError(request, reply, new AndonError('invalid', `${name} has only ${size} bytes.`), 416)
    }
    // The first piece is waited for, so that bytes that are gone have a status of their own.
    const pieces = door.factory.bytes(id, caller)[Symbol.asyncIterator]()
    const first = await pieces.next()
    const { start, end } = part ?? { start: 0, end: size - 1 }
    if (part) void reply.status(206).header('content-range', `bytes ${start}-${end}/${size}`)
    void reply
      .header('content-disposition', attachment(name))
      .header('content-length', end - start + 1)
      .type(mediaType)
    // Who asks for the head alone has read nothing to its end.
    if (request.method === 'HEAD') await pieces.return?.()
    const body = request.method === 'HEAD' ? [] : span(first, pieces, start, end)
    return await reply.send(Readable.from(body, { objectMode: false }))
  })
}

/**
 * The bytes from `start` to `end`. Leaving ends their source. Throws when there are fewer, so that the connection breaks
 * and nobody waits for the rest.
 */
async function* span(
  first: IteratorResult<Uint8Array>,
  pieces: AsyncIterator<Uint8Array>,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  try {
    let at = 0
    for (let step = first; step.done !== true && at <= end; step = await pieces.next()) {
      const piece = step.value.subarray(Math.max(0, start - at), end + 1 - at)
      at += step.value.byteLength
      if (piece.byteLength > 0) yield piece
    }
    if (at <= end) throw new AndonError('unavailable', 'The document was replaced while it was read. Ask again.')
  } finally {
    await pieces.return?.()
  }
}

/** One range; undefined for what may be passed over (another unit, several ranges), `none` for one outside. */
function rangeOf(header: string, size: number): Range | 'none' | undefined {
  const [, from, to] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim()) ?? []
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined
  if (from === '')
    return to === '0' || Number(to) === 0 ? 'none' : { start: Math.max(0, size - Number(to)), end: size - 1 }
  const range = { start: Number(from), end: to === '' ? size - 1 : Math.min(Number(to), size - 1) }
  if (to !== '' && Number(to) < range.start) return undefined
  return range.start >= size ? 'none' : range
}

/** RFC 6266: a plain name for old clients, the real one for all others. */
export function attachment(name: string): string {
  const last = name.split('/').at(-1) ?? name
  const plain = last.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const full = encodeURIComponent(last.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${full}`
}
