// Conversations over HTTP: listed, read, taken away, renamed, removed, restored and erased.

import { z } from 'zod'
import type { SessionPlace } from '../core/session.ts'
import { defined, pageSize } from './documents.ts'
import type { App, Door } from './door.ts'
import { attachment } from './documents-file.ts'
import { sessionExport, sessionInfo, sessionView } from './replies.ts'
import { sessionId } from './schemas.ts'

const tags = ['Conversations']
const config = { scope: 'ask' } as const
const changing = { scope: 'ask', once: true } as const
const params = z.strictObject({ id: sessionId })

const query = z.strictObject({
  search: z.string().min(1).max(1_000).optional().describe('Words of the title, or of what was asked.'),
  limit: pageSize,
  before: z
    .string()
    .max(300)
    .regex(/^\d{1,15}(\..+)?$/s, 'must be the next of the page before, or a Unix time in milliseconds')
    .optional()
    .describe('The next of the page before; or a Unix time in milliseconds: only those last used before it.'),
})

/** Where a page goes on, in one word: when the last of the page before was used, and its id. */
function placeOf(before: string): number | SessionPlace {
  const [updatedAt = '', ...id] = before.split('.')
  return id.length === 0 ? Number(updatedAt) : { updatedAt: Number(updatedAt), id: id.join('.') }
}

/** Adds the routes of conversations. */
export function addSessions(app: App, door: Door): void {
  const { factory } = door
  const list = z.strictObject({
    sessions: z.array(sessionInfo),
    next: z.string().optional().describe('Give it as before to get the next page; absent on the last.'),
  })
  app.get(
    '/v1/sessions',
    {
      schema: { tags, summary: 'Lists conversations, latest first', querystring: query, response: { 200: list } },
      config,
    },
    async (request) => {
      const { before, limit, search } = request.query
      const place = before === undefined ? undefined : placeOf(before)
      const query = defined<{ search?: string; before?: number | SessionPlace }>({ search, before: place })
      const found = await factory.sessions({ ...query, limit: limit + 1 }, door.callerOf(request))
      const sessions = found.slice(0, limit)
      const last = sessions.at(-1)
      return found.length > limit && last ? { sessions, next: `${last.updatedAt}.${last.id}` } : { sessions }
    },
  )
  app.get(
    '/v1/sessions/:id',
    { schema: { tags, summary: 'Shows a conversation', params, response: { 200: sessionView } }, config },
    async (request) => factory.session(request.params.id, door.callerOf(request)),
  )
  const taking = {
    tags,
    summary: 'Gives a conversation as a file',
    description:
      'Its turns and its summary. The records of its answers are at /v1/answers, for as long as they are kept.',
    params,
    response: { 200: sessionExport },
  }
  app.get('/v1/sessions/:id/export', { schema: taking, config }, async (request, reply) => {
    const { id } = request.params
    const taken = await factory.exportSession(id, door.callerOf(request))
    void reply.header('content-disposition', attachment(`${id}.json`))
    return taken
  })
  const renaming = {
    tags,
    summary: 'Renames a conversation',
    params,
    body: z.strictObject({ title: z.string().min(1).max(1_000) }),
    response: { 200: sessionInfo },
  }
  app.patch('/v1/sessions/:id', { schema: renaming, config: changing }, async (request) =>
    factory.renameSession(request.params.id, request.body.title, door.callerOf(request)),
  )
  const removing = {
    tags,
    summary: 'Removes a conversation',
    description:
      'It is hidden at once, and can be restored for as long as removed documents can be. With now=true it is erased, also when it was removed before: its turns, its summary and the records of its answers; nothing brings them back.',
    params,
    querystring: z.strictObject({ now: z.enum(['true', 'false']).default('false') }),
    response: { 204: z.undefined().describe('It is removed.') },
  }
  app.delete('/v1/sessions/:id', { schema: removing, config: changing }, async (request, reply) => {
    await factory.removeSession(request.params.id, { now: request.query.now === 'true' }, door.callerOf(request))
    return await reply.status(204).send(undefined)
  })
  app.post(
    '/v1/sessions/:id/restore',
    {
      schema: { tags, summary: 'Restores a removed conversation', params, response: { 200: sessionInfo } },
      config: changing,
    },
    async (request) => factory.restoreSession(request.params.id, door.callerOf(request)),
  )
}
