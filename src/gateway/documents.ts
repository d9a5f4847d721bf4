// Documents over HTTP: listed, looked at, described anew, removed and restored; and their collections.

import { z } from 'zod'
import type { Plain } from '../core/plain.ts'
import type { App, Door } from './door.ts'
import { collection, documentInfo } from './replies.ts'
import { plainObject } from './uploads-metadata.ts'

const tags = ['Documents']
const config = { scope: 'ask' } as const
const changing = { scope: 'load', once: true } as const

/** The path of one document. */
export const documentPath = z.strictObject({ id: z.string().min(1).max(200) })

/** How many entries a page of a list has. */
export const pageSize = z.coerce.number().int().min(1).max(1000).default(100)

/** `true` and `false`, as they are written in a query. */
const flag = z.enum(['true', 'false']).default('false')

const listQuery = z.strictObject({
  collection: z.string().min(1).max(200).optional(),
  name: z.string().min(1).max(1_024).optional(),
  status: z
    .enum(['waiting', 'loading', 'ready', 'failed', 'quarantined', 'removed'])
    .optional()
    .describe('Default: all but removed ones.'),
  limit: pageSize,
  after: z.string().min(1).max(200).optional().describe('The next of the page before.'),
})

const change = z
  .strictObject({
    title: z.string().max(1_024).optional(),
    metadata: plainObject.optional().describe('Keys to set; null removes one.'),
  })
  .refine(({ title, metadata }) => title !== undefined || metadata !== undefined, 'must have a title or metadata')

/** Adds the routes of documents that are there. */
export function addDocuments(app: App, door: Door): void {
  const { factory } = door
  const list = z.strictObject({
    documents: z.array(documentInfo),
    next: z.string().optional().describe('Give it as after to get the next page; absent on the last.'),
  })
  app.get(
    '/v1/documents',
    { schema: { tags, summary: 'Lists documents', querystring: listQuery, response: { 200: list } }, config },
    async (request) => {
      const { limit, ...query } = request.query
      // One more than the page has, to know whether there is another.
      const found = await factory.list({ ...defined(query), limit: limit + 1 }, door.callerOf(request))
      return page('documents', found, limit)
    },
  )
  app.get(
    '/v1/documents/:id',
    { schema: { tags, summary: 'Shows a document', params: documentPath, response: { 200: documentInfo } }, config },
    async (request) => factory.document(request.params.id, door.callerOf(request)),
  )
  const describing = {
    tags,
    summary: 'Changes the title and metadata of a document',
    params: documentPath,
    body: change,
    response: { 200: documentInfo },
  }
  app.patch('/v1/documents/:id', { schema: describing, config: changing }, async (request) =>
    factory.describe(
      request.params.id,
      defined<{ title?: string; metadata?: Record<string, Plain> }>(request.body),
      door.callerOf(request),
    ),
  )
  const removing = {
    tags,
    summary: 'Removes a document',
    description: 'It is hidden at once and can be restored for some days, unless now is true: then it is gone.',
    params: documentPath,
    querystring: z.strictObject({ now: flag }),
    response: { 204: z.undefined().describe('It is removed.') },
  }
  app.delete('/v1/documents/:id', { schema: removing, config: changing }, async (request, reply) => {
    await factory.remove(request.params.id, { now: request.query.now === 'true' }, door.callerOf(request))
    return await reply.status(204).send(undefined)
  })
  app.post(
    '/v1/documents/:id/restore',
    {
      schema: { tags, summary: 'Restores a removed document', params: documentPath, response: { 200: documentInfo } },
      config: changing,
    },
    async (request) => factory.restore(request.params.id, door.callerOf(request)),
  )
  const collections = z.strictObject({ collections: z.array(collection) })
  app.get(
    '/v1/collections',
    { schema: { tags, summary: 'Lists collections', response: { 200: collections } }, config },
    async (request) => ({ collections: await factory.collections(door.callerOf(request)) }),
  )
}

/** What was found as one page of a list: `found` has one more than the page when there is another. */
export function page<Key extends string, Item extends { id: string }>(
  key: Key,
  found: Item[],
  limit: number,
): Record<Key, Item[]> & { next?: string } {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  const whole = { [key]: items } as Record<Key, Item[]>
  return found.length > limit && last ? { ...whole, next: last.id } : whole
}

/** Without the keys that are undefined. */
export function defined<Shape extends object>(value: { [Key in keyof Shape]: Shape[Key] | undefined }): Shape {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Shape
}
