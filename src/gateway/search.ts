// POST /v1/search: the passages for a question, without an answer.

import { z } from 'zod'
import { filterOf } from './ask-question.ts'
import type { App, Door } from './door.ts'
import { found } from './replies.ts'
import { searchSchema } from './schemas.ts'

/** Adds POST /v1/search. */
export function addSearch(app: App, door: Door): void {
  const schema = {
    tags: ['Search'],
    summary: 'The passages for a question, best first, without an answer',
    body: searchSchema,
    response: { 200: z.strictObject({ found: z.array(found) }) },
  }
  app.post('/v1/search', { schema, config: { scope: 'ask', lane: 'question' } }, async (request, reply) => {
    const { text, query, filter, k, rerank, by } = request.body
    const search = {
      text: text ?? query ?? '',
      ...(filter === undefined ? {} : { filter: filterOf(filter) }),
      ...(k === undefined ? {} : { k }),
      ...(rerank === undefined ? {} : { rerank }),
      ...(by === undefined ? {} : { by }),
    }
    return reply.send({ found: await door.factory.search(search, door.callerOf(request)) })
  })
}
