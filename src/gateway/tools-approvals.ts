// Calls of tools that wait for a person, over HTTP: listed, and answered with one word.

import { z } from 'zod'
import { AndonError } from '../core/errors.ts'
import type { App, Door } from './door.ts'
import { toolApproval } from './replies.ts'

const tags = ['Tools']

const said = z.strictObject({
  word: z
    .enum(['once', 'host', 'always', 'decline'])
    .describe(
      '`once`: this call. `host`: this and later calls of the tool to the same host in this conversation. `always`: the tool, from now on; for administrators.',
    ),
})

/** Adds the routes of approvals. Only the tenant that waits hears of them, and may answer. */
export function addToolApprovals(app: App, door: Door): void {
  const { factory } = door
  const list = {
    tags,
    summary: 'Lists the calls that wait for a person, oldest first',
    operationId: 'listApprovals',
    response: { 200: z.strictObject({ approvals: z.array(toolApproval) }) },
  }
  app.get('/v1/approvals', { schema: list, config: { scope: 'ask' } }, async (request) => ({
    approvals: await factory.approvals(door.callerOf(request)),
  }))
  const answered = {
    tags,
    summary: 'Says whether a call may run',
    operationId: 'answerApproval',
    params: z.strictObject({ id: z.string().min(1).max(200) }),
    body: said,
    response: { 204: z.undefined().describe('It was heard.') },
  }
  app.post('/v1/approvals/:id', { schema: answered, config: { scope: 'ask', once: true } }, async (request, reply) => {
    const { word } = request.body
    if (word === 'always' && !request.principal.scopes.includes('admin')) {
      throw new AndonError(
        'forbidden',
        'Allowing a tool for good needs the scope admin: allow this call once, or use a key that may.',
      )
    }
    await factory.approve(request.params.id, word, door.callerOf(request))
    return reply.status(204).send()
  })
}
