// The tools that look into the library: `search_documents` and `read_document`. They are functions of the factory, for the
// caller's tenant and within what the question is limited to; the passages they bring can be cited.

import type { DocumentInfo, DocumentText } from '../../core/document.ts'
import { AndonError } from '../../core/errors.ts'
import type { Answering, Documents } from '../../core/factory.ts'
import type { Filter, Passage } from '../../core/question.ts'
import type { ClosureDefinition } from '../../tools/definition.ts'
import type { ToolContext } from '../../tools/tool.ts'
import { admits, narrowed } from './filters.ts'

/** The part of a factory that these tools need. */
export type LibraryOfTools = Pick<Answering, 'search'> & Pick<Documents, 'read'>

/** What a call is limited to, by its id. */
export type LimitOf = (callId: string) => Filter | undefined

/** Characters that are read at once, by default and at most. */
const usualLength = 6_000
const mostLength = 20_000
/** Characters of a passage that is made of what was read. */
const passageLength = 1_500

const traits = { readOnly: true }
const tags = ['built-in', 'documents']

interface SearchInput {
  query: string
  count?: number
  collection?: string
  document?: string
}

interface ReadInput {
  document: string
  start?: number
  length?: number
}

/** Their definitions, over a library. */
export function documentTools(library: () => LibraryOfTools, limitOf: LimitOf): ClosureDefinition[] {
  return [
    {
      name: 'search_documents',
      title: 'Search the documents',
      description:
        'Finds passages of the library, best first. Use it when the passages given do not answer the question, or with ' +
        'other words for a further question. Passages name their document, which read_document reads on.',
      input: {
        type: 'object',
        properties: {
          query: { type: 'string', minLength: 1, maxLength: 2_000, description: 'A question, or words' },
          count: { type: 'integer', minimum: 1, maximum: 20, description: 'How many passages. Default 6' },
          collection: { type: 'string', maxLength: 200, description: 'Only in this collection' },
          document: { type: 'string', maxLength: 200, description: 'Only in the document with this id' },
        },
        required: ['query'],
        additionalProperties: false,
      },
      traits,
      tags,
      mode: 'inline',
      run: async ({ query, count = 6, collection, document }: SearchInput, context: ToolContext) => {
        const filter = narrowed(limitOf(context.callId) ?? {}, { collection, document })
        if (!filter) return { passages: [] }
        const found = await library().search({ text: query, filter, k: count }, callerOf(context))
        return { passages: found.map(({ passage }) => passage) }
      },
    },
    {
      name: 'read_document',
      title: 'Read a document',
      description:
        'Reads the text of a document from a place on, by its id. Use it to see what stands around a passage that was found.',
      input: {
        type: 'object',
        properties: {
          document: { type: 'string', minLength: 1, maxLength: 200, description: 'Its id, as passages name it' },
          start: { type: 'integer', minimum: 0, description: 'Characters from its beginning. Default 0' },
          length: { type: 'integer', minimum: 1, maximum: mostLength, description: `Default ${usualLength}` },
        },
        required: ['document'],
        additionalProperties: false,
      },
      traits,
      tags,
      mode: 'inline',
      run: async ({ document, start = 0, length = usualLength }: ReadInput, context: ToolContext) => {
        const text = await library().read(document, { start, end: start + length }, callerOf(context))
        if (!admits(limitOf(context.callId) ?? {}, text.document))
          throw new AndonError('not-found', `There is no document ${document}: look for its id in what was found`)
        return { title: text.document.title, length: text.length, passages: passagesOf(text) }
      },
    },
  ]
}

function callerOf({ tenant, signal }: ToolContext): { tenant: string; signal: AbortSignal } {
  return { tenant, signal }
}

/** What was read, cut between blocks where that is possible. */
export function passagesOf({ document, text, start, end, blocks }: DocumentText): Passage[] {
  const passages: Passage[] = []
  let from = start
  const cut = (to: number): void => {
    const piece = text.slice(from - start, to - start)
    if (piece.trim() !== '') passages.push(passage(document, piece, from, to, blocks, passages.length))
    from = to
  }
  for (const block of blocks) {
    if (block.start > from && block.end - from > passageLength) cut(Math.min(block.start, end))
    while (Math.min(block.end, end) - from > passageLength) cut(from + passageLength)
  }
  while (end - from > passageLength) cut(from + passageLength)
  if (from < end) cut(end)
  return passages
}

function passage(
  { id, name, title, collection, version }: DocumentInfo,
  text: string,
  start: number,
  end: number,
  blocks: DocumentText['blocks'],
  at: number,
): Passage {
  const first = blocks.find((block) => block.end > start && block.start < end)
  return {
    // No passage of the index: it is told by where it begins.
    id: `${id}.${version}.at${start}`,
    documentId: id,
    documentName: name,
    title,
    collection,
    headings: [],
    kind: first?.kind ?? 'paragraph',
    ...(first?.page === undefined ? {} : { page: first.page }),
    ordinal: at,
    start,
    end,
    text,
  }
}
