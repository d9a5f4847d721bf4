// POST /v1/documents/link: a document is fetched from an address that the operator allows, and added.

import { z } from 'zod'
import type { App, Door } from './door.ts'
import { Links } from './links-source.ts'
import { added } from './replies.ts'
import { plainObject } from './uploads-metadata.ts'

const body = z.strictObject({
  url: z.string().min(1).max(8_000).describe('An http or https address on one of the allowed hosts.'),
  name: z.string().max(1_024).optional().describe('Default: its host and path.'),
  collection: z.string().optional(),
  title: z.string().max(1_024).optional(),
  metadata: plainObject.optional(),
})

/** Adds POST /v1/documents/link. Throws `invalid` when the option `links.hosts` names something that is no host. */
export function addLinks(app: App, door: Door): void {
  const links = new Links(door.options)
  const schema = {
    tags: ['Documents'],
    summary: 'Adds a document from a link',
    operationId: 'addLink',
    description:
      'Fetches the document now, from a host that the option links.hosts allows. Its metadata gets the key source with the address.',
    body,
    response: { 202: added },
  }
  app.post(
    '/v1/documents/link',
    { schema, config: { scope: 'load', lane: 'load', once: true } },
    async (request, reply) => {
      const { url, name, collection, title, metadata } = request.body
      const caller = door.callerOf(request)
      const about = {
        ...(name === undefined ? {} : { name }),
        ...(collection === undefined ? {} : { collection }),
        ...(title === undefined ? {} : { title }),
        ...(metadata === undefined ? {} : { metadata }),
      }
      await using link = await links.open(url, about, caller.signal)
      return await reply.status(202).send(await door.factory.add(link.source, caller))
    },
  )
}
