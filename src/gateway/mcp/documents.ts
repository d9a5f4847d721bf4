// The tools `list_documents` and `add_document`.

import { z } from 'zod'
import { AndonError } from '../../core/errors.ts'
import type { DocumentInfo } from '../../core/document.ts'
import { count } from '../replies-parts.ts'
import { plainObject } from '../uploads-metadata.ts'
import { ownTool } from './own-tool.ts'
import { addressOf } from './places.ts'

const document = z.strictObject({
  id: z.string(),
  name: z.string(),
  title: z.string(),
  collection: z.string(),
  mediaType: z.string(),
  status: z.enum(['waiting', 'loading', 'ready', 'failed', 'quarantined', 'removed']),
  reason: z.string().exactOptional().describe('Why it failed, and what to do about it.'),
  passages: count,
  pages: count.exactOptional(),
  uri: z.string().describe('The document as a resource.'),
})

function told({ id, name, title, collection, mediaType, status, reason, passages, pages }: DocumentInfo) {
  return {
    id,
    name,
    title,
    collection,
    mediaType,
    status,
    ...(reason === undefined ? {} : { reason }),
    passages,
    ...(pages === undefined ? {} : { pages }),
    uri: addressOf(id),
  }
}

const short = z.string().min(1).max(1_024)

/** The tool `list_documents`. */
export const listTool = ownTool({
  name: 'list_documents',
  title: 'List the documents',
  description: 'Lists the documents with their ids, names, collections and how far their loading is, page by page.',
  scope: 'ask',
  input: z.strictObject({
    collection: short.optional().describe('Only documents of this collection.'),
    name: short.optional().describe('Only documents of this name.'),
    limit: z.int().min(1).max(500).optional().describe('How many. Default 100.'),
    after: z.string().min(1).max(200).optional().describe('`next` of the page before.'),
  }),
  output: z.strictObject({
    documents: z.array(document),
    next: z.string().exactOptional().describe('There may be more: give it as `after`.'),
  }),
  async run({ collection, name, limit = 100, after }, { factory, caller }) {
    const query = {
      limit,
      ...(collection === undefined ? {} : { collection }),
      ...(name === undefined ? {} : { name }),
      ...(after === undefined ? {} : { after }),
    }
    const documents = (await factory.list(query, caller)).map(told)
    const last = documents.at(-1)
    const next = documents.length === limit && last !== undefined ? { next: last.id } : {}
    const lines = documents.map(({ id, title, name, collection, status }) => {
      const called = title === name || title === '' ? name : `${title} (${name})`
      return `${id}  ${called}, in ${collection}${status === 'ready' ? '' : `: ${status}`}`
    })
    return { text: lines.join('\n') || 'There are no documents.', value: { documents, ...next } }
  },
})

/** The tool `add_document`. It stands in the lane of loads. */
export const addTool = ownTool({
  name: 'add_document',
  title: 'Add a document',
  description:
    'Adds a document from its text, or from a link to a host that the operator allows. It is kept when this returns, and found once it is loaded: list_documents tells.',
  scope: 'load',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input: z.strictObject({
    name: short.optional().describe('Unique within its collection: another document of this name is replaced.'),
    text: z.string().min(1).optional().describe('Plain text or Markdown.'),
    link: z.string().min(1).max(8_000).optional().describe('An http or https address, instead of text.'),
    title: short.optional(),
    collection: short.optional().describe('Default `default`.'),
    metadata: plainObject.optional().describe('Plain values, for filters.'),
  }),
  output: z.strictObject({
    document,
    outcome: z.enum(['added', 'replacing', 'restored', 'unchanged']),
    jobId: z.string().exactOptional(),
  }),
  async run({ text, link, name, title, collection, metadata }, { factory, links, visit, caller }) {
    if ((text === undefined) === (link === undefined))
      throw new AndonError('invalid', 'Give text or link, and not both.')
    if (text !== undefined && name === undefined)
      throw new AndonError('invalid', 'name is missing: say what the document is called.')
    using _place = await visit.enter('load', caller.signal)
    const about = {
      ...(name === undefined ? {} : { name }),
      ...(title === undefined ? {} : { title }),
      ...(collection === undefined ? {} : { collection }),
      ...(metadata === undefined ? {} : { metadata }),
    }
    await using opened = link === undefined ? undefined : await links.open(link, about, caller.signal)
    const added = await factory.add(opened?.source ?? { ...about, text: text ?? '' }, caller)
    const { outcome, jobId } = added
    return {
      text: `${added.document.name}: ${outcome} as ${added.document.id}, ${added.document.status}.`,
      value: { document: told(added.document), outcome, ...(jobId === undefined ? {} : { jobId }) },
    }
  },
})
