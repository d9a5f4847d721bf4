// Documents as resources: listed page by page, read whole or by a span.

import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type ListResourcesResult,
  type ListResourceTemplatesResult,
  type ReadResourceResult,
} from '@modelcontextprotocol/server'
import { AndonError } from '../../core/errors.ts'
import type { Caller, Factory } from '../../core/factory.ts'
import { addressOf, documentAddress } from './places.ts'

const perPage = 100

/** The documents that can be read, after the one that the cursor names. */
export async function listResources(
  factory: Factory,
  cursor: string | undefined,
  caller: Caller,
): Promise<ListResourcesResult> {
  if (cursor !== undefined && (cursor === '' || cursor.length > 200))
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'The cursor is not one that Andon gave.')
  const query = { status: 'ready' as const, limit: perPage, ...(cursor === undefined ? {} : { after: cursor }) }
  const documents = await factory.list(query, caller)
  const last = documents.at(-1)
  return {
    resources: documents.map(({ id, name, title, collection }) => ({
      uri: addressOf(id),
      name,
      ...(title === name || title === '' ? {} : { title }),
      description: `In the collection ${collection}`,
      mimeType: 'text/plain',
    })),
    ...(documents.length === perPage && last !== undefined ? { nextCursor: last.id } : {}),
  }
}

/** How a resource is addressed. */
export function resourceTemplates(): ListResourceTemplatesResult {
  return {
    resourceTemplates: [
      {
        uriTemplate: `${documentAddress}{id}{?start,end}`,
        name: 'document',
        title: 'A document',
        description: 'The stored text of a document, or a span of it; at most 100,000 characters at once.',
        mimeType: 'text/plain',
      },
    ],
  }
}

/** The text at an address. Throws the protocol's error for one where nothing is. */
export async function readResource(factory: Factory, uri: string, caller: Caller): Promise<ReadResourceResult> {
  const { id, span } = parsed(uri)
  try {
    const { text } = await factory.read(id, span, caller)
    return { contents: [{ uri, mimeType: 'text/plain', text }] }
  } catch (reason) {
    if (AndonError.from(reason).code === 'not-found') throw new ResourceNotFoundError(uri)
    throw reason
  }
}

function parsed(uri: string): { id: string; span: { start: number; end: number } | undefined } {
  const url = uri.length <= 1_000 && uri.startsWith(documentAddress) ? URL.parse(uri) : null
  const id = url === null ? '' : decoded(url.pathname.slice(1))
  if (url === null || id === '') throw new ResourceNotFoundError(uri)
  const [start, end] = [offsetOf(url, 'start'), offsetOf(url, 'end')]
  if (start === undefined && end === undefined) return { id, span: undefined }
  if (start === undefined || end === undefined || start > end)
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'A span needs start and end, and start comes first.')
  return { id, span: { start, end } }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}

function offsetOf({ searchParams }: URL, name: string): number | undefined {
  const given = searchParams.get(name)
  if (given === null) return undefined
  if (/^\d{1,15}$/.test(given)) return Number(given)
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, `${name} must be a whole number, not ${given.slice(0, 60)}.`)
}
