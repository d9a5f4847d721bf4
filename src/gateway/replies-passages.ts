// Passages that were found, and citations of them, as the door tells of them.

import { z } from 'zod'
import { blockKind, count, named } from './replies-parts.ts'

/** See {@link import('../core/question.ts').Passage}. */
export const passage = z
  .strictObject({
    id: z.string(),
    documentId: z.string(),
    documentName: z.string(),
    title: z.string(),
    collection: z.string(),
    headings: z.array(z.string()),
    kind: blockKind,
    page: count.exactOptional(),
    pageEnd: count.exactOptional(),
    ordinal: count,
    start: count,
    end: count,
    text: z.string(),
    prefix: z.string().exactOptional(),
  })
  .register(named, { id: 'Passage' })

/** See {@link import('../core/question.ts').Found}. */
export const found = z
  .strictObject({
    passage,
    score: z.number().describe('Higher is better.'),
    keyword: z.number().exactOptional(),
    vector: z.number().exactOptional(),
  })
  .register(named, { id: 'Found' })

/** See {@link import('../core/question.ts').Citation}. */
export const citation = z
  .strictObject({
    passageId: z.string(),
    documentId: z.string(),
    documentName: z.string(),
    title: z.string(),
    headings: z.array(z.string()),
    page: count.exactOptional(),
    start: count.describe("The span in the document's text."),
    end: count,
    quote: z.string().describe('The text of that span.'),
  })
  .register(named, { id: 'Citation' })
