// POST /v1/ui/messages: what useChat of the AI SDK talks to. With `resumable` an answer outlives its connection, and
// the page returns to it; without, leaving is stopping, as useChat's stop() expects.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { AnswerFailed } from '../core/answer-record.ts'
import type { AnswerEvent } from '../core/question.ts'
import { beginAnswer, followAnswer } from './begun-answer.ts'
import { asSentWith } from './cache-control.ts'
import type { App, Door } from './door.ts'
import { toShow } from './errors.ts'
import { eventLine, sendEventStream } from './event-stream.ts'
import { beginLasting } from './lasting-answer.ts'
import { passageLink } from './passage-link.ts'
import { problem } from './replies.ts'
import { uiChunks, type UiChunk } from './ui-messages-chunks.ts'
import { uiQuestion } from './ui-messages-question.ts'
import { RunningChats } from './ui-messages-running.ts'
import { chatId, uiChunkSchema, uiMessagesSchema } from './ui-messages-schema.ts'

const tags = ['AI SDK']
const params = z.object({ chat: chatId.describe('The id of the chat') })
const problems = { '4xx': problem, '5xx': problem } as const
const stream = {
  description: 'A UI message stream (v1)',
  content: { 'text/event-stream': { schema: uiChunkSchema } },
}

/** Adds POST /v1/ui/messages, GET /v1/ui/messages/<chat>/stream and POST /v1/ui/messages/<chat>/stop. */
export function addUiMessages(app: App, door: Door): void {
  const chats = new RunningChats()

  function send(
    request: FastifyRequest,
    reply: FastifyReply,
    answerId: string,
    events: AsyncIterable<AnswerEvent | AnswerFailed>,
    messageId = answerId,
  ): FastifyReply {
    const chunks = uiChunks(answerId, events, {
      link: passageLink(request),
      show: (reason) => toShow(reason, request.id),
      messageId,
    })
    void reply.header('x-vercel-ai-ui-message-stream', 'v1')
    return sendEventStream(reply, lines(chunks), door.heartbeatMs)
  }

  const asking = {
    tags,
    summary: "Answers the AI SDK's useChat",
    description:
      'Takes what DefaultChatTransport sends. With `resumable` a lost connection is only leaving: end the answer with POST /v1/ui/messages/<chat>/stop.',
    body: uiMessagesSchema,
    response: { 200: stream, ...problems },
  }
  app.post(
    '/v1/ui/messages',
    { schema: asking, config: { scope: 'ask', lane: 'question' } },
    async (request, reply) => {
      const { body } = request
      const caller = door.callerOf(request)
      const question = asSentWith(request, await uiQuestion(body, door.factory, caller))
      // With what came of its calls, the last answer's message goes on.
      const goesOn = question.history === undefined ? undefined : body.messages.at(-1)?.id
      if (body.resumable === true) {
        const { id, ended } = await beginLasting(door, question, request.takePermit(), caller)
        chats.keep(request.principal.tenant, body.id, id, ended)
        void reply.header('andon-answer', id)
        return send(request, reply, id, followAnswer(door.factory, id, caller), goesOn)
      }
      const { id, events } = await beginAnswer(door.factory, question, caller)
      void reply.header('andon-answer', id)
      return send(request, reply, id, events, goesOn)
    },
  )

  const returning = {
    tags,
    summary: 'The answer that a chat is waiting for, from its beginning',
    params,
    response: { 200: stream, 204: z.null().describe('No resumable answer of this chat is under way'), ...problems },
  }
  app.get('/v1/ui/messages/:chat/stream', { schema: returning, config: { scope: 'ask' } }, async (request, reply) => {
    const id = chats.get(request.principal.tenant, request.params.chat)
    if (id === undefined) return await reply.status(204).send(null)
    return send(request, reply, id, followAnswer(door.factory, id, door.callerOf(request)))
  })

  const stopping = {
    tags,
    summary: 'Ends the answer that a chat is waiting for',
    params,
    response: { 200: z.object({ stopped: z.boolean().describe('False when none was under way') }), ...problems },
  }
  app.post('/v1/ui/messages/:chat/stop', { schema: stopping, config: { scope: 'ask' } }, async (request) => {
    const id = chats.get(request.principal.tenant, request.params.chat)
    return { stopped: id !== undefined && (await door.factory.stop(id, door.callerOf(request))) }
  })
}

async function* lines(chunks: AsyncIterable<UiChunk>): AsyncGenerator<string> {
  for await (const chunk of chunks) yield eventLine(JSON.stringify(chunk))
  yield eventLine('[DONE]')
}
