// GET /v1/documents/:id/text: what is read in a document, as data for programs, as text, and as a page where a cited
// place is marked.

import { z } from 'zod'
import { AndonError } from '../core/errors.ts'
import { preferred } from './accept.ts'
import { documentPath } from './documents.ts'
import { textPage, textPagePolicy } from './documents-text-page.ts'
import type { App, Door } from './door.ts'
import { documentText } from './replies.ts'

/** Characters that a page shows before and behind a marked place. */
const around = 20_000

const offset = z.coerce.number().int().min(0)

const query = z
  .strictObject({
    start: offset.optional().describe('Where the span begins, in UTF-16 units.'),
    end: offset.optional().describe('Where it ends.'),
    highlight: z
      .string()
      .regex(/^\d{1,15}-\d{1,15}$/, 'must be two offsets, like 120-180')
      .optional()
      .describe('A span that the page marks, like 120-180.'),
  })
  .refine(({ start, end }) => (start === undefined) === (end === undefined), 'must have both start and end, or neither')
  .refine(({ start = 0, end = 0 }) => start <= end, 'has a span that ends before it starts')

interface Span {
  start: number
  end: number
}

/** Adds GET /v1/documents/:id/text. */
export function addDocumentText(app: App, door: Door): void {
  const schema = {
    tags: ['Documents'],
    summary: 'Reads the text of a document',
    description:
      'The stored plain text, or a span of it; without a span at most its first 100,000 characters. As text/html it is a page for people; a span is marked there.',
    params: documentPath,
    querystring: query,
    response: {
      200: {
        description: 'The text',
        content: {
          'application/json': { schema: documentText },
          'text/plain': { schema: z.string() },
          'text/html': { schema: z.string() },
        },
      },
      303: {
        description: 'A page for people is at the address in Location.',
        content: { 'text/html': { schema: z.string() } },
      },
    },
  }
  app.get('/v1/documents/:id/text', { schema, config: { scope: 'ask' } }, async (request, reply) => {
    const { id } = request.params
    const { start, end, highlight } = request.query
    const caller = door.callerOf(request)
    const span = start === undefined || end === undefined ? undefined : { start, end }
    const marked = highlight === undefined ? undefined : spanOf(highlight)
    // Browsers ask for pages first, and programs that say nothing get data.
    const wanted = preferred(request.headers.accept ?? '', ['application/json', 'text/plain', 'text/html'])
    void reply.header('vary', 'accept')
    if (wanted !== 'text/html') {
      const read = await door.factory.read(id, span ?? marked, caller)
      return wanted === 'text/plain'
        ? await reply.type('text/plain; charset=utf-8').send(read.text)
        : await reply.send(read)
    }
    // A link to a span is a link to the place: the page shows what is around it, and browsers scroll to the mark.
    if (span && !marked) return await reply.redirect(`?highlight=${span.start}-${span.end}#mark`, 303)
    const window = span ?? (marked && { start: Math.max(0, marked.start - around), end: marked.end + around })
    const read = await door.factory.read(id, window, caller)
    void reply.header('content-security-policy', textPagePolicy).type('text/html; charset=utf-8')
    return await reply.send(textPage(read, marked))
  })
}

function spanOf(highlight: string): Span {
  const [start = 0, end = 0] = highlight.split('-').map(Number)
  if (start > end) throw new AndonError('invalid', `highlight is ${highlight}: it ends before it starts.`)
  return { start, end }
}
