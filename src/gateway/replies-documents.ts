// Documents, their text and their collections, as the door tells of them.

import { z } from 'zod'
import { blockKind, count, named, plain, time } from './replies-parts.ts'

/** See {@link import('../core/document.ts').Block}. */
export const block = z.strictObject({
  kind: blockKind,
  start: count,
  end: count,
  level: count.exactOptional(),
  page: count.exactOptional(),
  headerLines: count.exactOptional(),
  language: z.string().exactOptional(),
})

/** See {@link import('../core/document.ts').DocumentInfo}. */
export const documentInfo = z
  .strictObject({
    id: z.string(),
    tenant: z.string(),
    collection: z.string(),
    name: z.string().describe('What it was added under: unique within tenant and collection.'),
    title: z.string(),
    mediaType: z.string(),
    hash: z.string().describe('SHA-256 of the bytes, hex.'),
    size: count.describe('Bytes.'),
    status: z.enum(['waiting', 'loading', 'ready', 'failed', 'quarantined', 'removed']),
    reason: z.string().exactOptional().describe('Why it failed or was quarantined, and what to do about it.'),
    metadata: z.record(z.string(), plain),
    version: count,
    passages: count,
    pages: count.exactOptional(),
    vectorsMissing: count.describe('Passages that still wait for their vector.'),
    warnings: z.array(z.string()),
    sameAs: z
      .strictObject({ id: z.string(), name: z.string(), collection: z.string() })
      .exactOptional()
      .describe('The oldest other document with the same bytes.'),
    addedAt: time,
    updatedAt: time,
    removedAt: time.exactOptional(),
  })
  .register(named, { id: 'Document' })

/** See {@link import('../core/document.ts').DocumentText}. */
export const documentText = z
  .strictObject({
    document: documentInfo,
    text: z.string(),
    start: count,
    end: count,
    length: count.describe('Of the whole text, in UTF-16 units.'),
    blocks: z.array(block),
  })
  .register(named, { id: 'DocumentText' })

/** See {@link import('../core/factory.ts').Added}. */
export const added = z
  .strictObject({
    document: documentInfo,
    outcome: z.enum(['added', 'replacing', 'restored', 'unchanged']),
    jobId: z.string().exactOptional().describe('The job that loads it, while there is one.'),
  })
  .register(named, { id: 'Added' })

/** One of {@link import('../core/factory.ts').Documents.collections}. */
export const collection = z
  .strictObject({ collection: z.string(), documents: count, passages: count })
  .register(named, { id: 'Collection' })
