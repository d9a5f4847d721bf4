// POST /v1/chat/completions: Andon looks like a model to programs that know OpenAI's.

import type { FastifyRequest } from 'fastify'
import { beginAnswer } from './begun-answer.ts'
import { asSentWith } from './cache-control.ts'
import { chatChunks, chatCompletion } from './chat-answer.ts'
import { chatQuestion } from './chat-question.ts'
import { chatChunkSchema, chatCompletionSchema, chatSchema, type ChatChunk } from './chat-schema.ts'
import type { App, Door } from './door.ts'
import { openAIErrorOf, toShow } from './errors.ts'
import { eventLine, sendEventStream } from './event-stream.ts'
import { modelMustExist } from './models.ts'
import { openAIErrors } from './openai-error-schema.ts'
import { passageLink } from './passage-link.ts'

/** Adds POST /v1/chat/completions. */
export function addChat(app: App, door: Door): void {
  const schema = {
    tags: ['OpenAI'],
    summary: 'Answers as a chat model would',
    description: 'Closing the connection cancels the answer.',
    body: chatSchema,
    response: {
      200: {
        description: 'The completion; with `stream`, its chunks as server-sent events and at last `[DONE]`',
        content: {
          'application/json': { schema: chatCompletionSchema },
          'text/event-stream': { schema: chatChunkSchema },
        },
      },
      ...openAIErrors,
    },
  }
  app.post(
    '/v1/chat/completions',
    { schema, config: { scope: 'ask', lane: 'question', openai: true } },
    async (request, reply) => {
      const { body } = request
      const question = asSentWith(request, chatQuestion(body))
      const caller = door.callerOf(request)
      await modelMustExist(door.factory, body.model, caller)
      const { id, events } = await beginAnswer(door.factory, question, caller)
      void reply.header('andon-answer', id)
      const head = { id: `chatcmpl-${id}`, created: Math.floor(Date.now() / 1000), model: body.model }
      const link = passageLink(request)
      if (body.stream !== true) return await chatCompletion(head, events, link)
      const withUsage = body.stream_options?.include_usage === true
      return sendEventStream(reply, lines(request, chatChunks(head, events, { link, withUsage })), door.heartbeatMs)
    },
  )
}

/** The chunks as events; what goes wrong on the way is the last one. */
async function* lines(request: FastifyRequest, chunks: AsyncIterable<ChatChunk>): AsyncGenerator<string> {
  try {
    for await (const chunk of chunks) yield eventLine(JSON.stringify(chunk))
    yield eventLine('[DONE]')
  } catch (reason) {
    yield eventLine(JSON.stringify(openAIErrorOf(toShow(reason, request.id))))
  }
}
