// POST /v1/documents: documents come in as a form with files, each streamed to where it is kept, or as text in JSON.

import multipart from '@fastify/multipart'
import { z } from 'zod'
import { AndonError } from '../core/errors.ts'
import type { Added, DocumentSource } from '../core/factory.ts'
import type { App, Door } from './door.ts'
import { added } from './replies.ts'
import { onceFor, refuseOther } from './idempotency.ts'
import { addFiles, mostFiles, uploadLimits } from './uploads-form.ts'
import { addFilesOnce, plainOf, replyToSame } from './uploads-once.ts'
import { checked } from './schemas.ts'
import { plainObject } from './uploads-metadata.ts'

const textBody = z.strictObject({
  name: z.string().max(1_024),
  text: z.string(),
  title: z.string().max(1_024).optional(),
  collection: z.string().optional(),
  metadata: plainObject.optional(),
})

const reply = z.strictObject({
  added: z.array(added),
  failed: z
    .array(z.strictObject({ name: z.string(), problem: z.string() }))
    .optional()
    .describe('Files that were not taken, when others were.'),
})

const description = `Files are sent as a form (multipart/form-data) with up to ${mostFiles} files, or one text as JSON. A document that has the name
of another in its collection replaces it. The reply comes when everything is on disk; loading goes on behind it, as the
jobs tell. One file that is not taken does not keep the others out: it is named under \`failed\`. When none was taken,
the reply is the error of the first.`

const requestBody = {
  required: true,
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object',
        description:
          'Fields apply to the files behind them: collection and metadata to all of these, title and name to the next.',
        properties: {
          collection: { type: 'string', description: 'Default: default.' },
          metadata: { type: 'string', contentMediaType: 'application/json', description: 'A JSON object.' },
          title: { type: 'string' },
          name: {
            type: 'string',
            description: "The document's name, with its folders. Default: the name of the file.",
          },
          path: { type: 'string', description: 'The same as name.' },
          file: { type: 'array', items: { type: 'string', contentMediaType: 'application/octet-stream' } },
        },
        required: ['file'],
      },
    },
    'application/json': { schema: z.toJSONSchema(textBody, { io: 'input', unrepresentable: 'any' }) },
  },
}

/** Adds POST /v1/documents. */
export function addUploads(app: App, door: Door): void {
  // A room of its own: forms are read on this path only.
  app.register(async (room: App) => {
    await room.register(multipart, uploadLimits(door.options.loading.maxBytes))
    room.addContentTypeParser('*', (_request: unknown, _body: unknown, done: (error: Error) => void) => done(neither()))
    const schema = {
      tags: ['Documents'],
      summary: 'Adds documents',
      operationId: 'addDocuments',
      description,
      response: { 202: reply },
    }
    const config = { scope: 'load', lane: 'load', upload: true, once: 'by-route', requestBody } as const
    room.post('/v1/documents', { schema, config }, async (request, response) => {
      const caller = door.callerOf(request)
      void response.status(202)
      const once = onceFor(request)
      if (request.isMultipart()) {
        const add = (source: DocumentSource): Promise<Added> => door.factory.add(source, caller)
        if (once === undefined) return await response.send(await addFiles(request.parts(), add))
        if (once.replayOf === undefined) return await response.send(await addFilesOnce(request.parts(), add, once))
        const same = await replyToSame(request.parts(), once.replayOf)
        return same === undefined ? refuseOther(request, response) : await response.send(reply.parse(same))
      }
      if (once?.replayOf !== undefined) return await response.send(reply.parse(once.replayOf))
      if (request.body === undefined) throw neither()
      const { name, text, title, collection, metadata } = checked(textBody, request.body)
      const one = await door.factory.add(
        {
          name,
          text,
          ...(title === undefined ? {} : { title }),
          ...(collection === undefined ? {} : { collection }),
          ...(metadata === undefined ? {} : { metadata }),
        },
        caller,
      )
      const told = { added: [one] }
      await once?.settle(plainOf(told))
      return await response.send(told)
    })
  })
}

function neither(): AndonError {
  return new AndonError(
    'unsupported',
    'This path reads a form with files (multipart/form-data), or JSON. Send one of them.',
  )
}
