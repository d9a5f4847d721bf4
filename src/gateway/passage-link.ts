// Where a cited place can be read: an address of this door, as the caller reached it.

import type { FastifyRequest } from 'fastify'
import type { Citation } from '../core/question.ts'

/** Makes the absolute address of a cited place. */
export type PassageLink = (place: Pick<Citation, 'documentId' | 'start' | 'end'>) => string

/** Links below the scheme and host that the request came to. */
export function passageLink(request: Pick<FastifyRequest, 'protocol' | 'host'>): PassageLink {
  const origin = `${request.protocol}://${request.host}`
  return ({ documentId, start, end }) =>
    `${origin}/v1/documents/${encodeURIComponent(documentId)}/text?start=${start}&end=${end}`
}
