// POST /v1/responses, and what became of a response: OpenAI's newer protocol, with conversations that Andon keeps.

import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AndonError } from '../core/errors.ts'
import type { Caller } from '../core/factory.ts'
import type { Question } from '../core/question.ts'
import type { ResponseEvent } from '../router/wire/response-output.ts'
import { AnswerSoFar } from './answer-so-far.ts'
import { beginAnswer, followAnswer } from './begun-answer.ts'
import { asSentWith } from './cache-control.ts'
import type { App, Door } from './door.ts'
import { toShow } from './errors.ts'
import { eventLine, sendEventStream } from './event-stream.ts'
import { beginLasting } from './lasting-answer.ts'
import { modelMustExist } from './models.ts'
import { openAIErrors } from './openai-error-schema.ts'
import { passageLink } from './passage-link.ts'
import { responseEvents } from './responses-events.ts'
import {
  completedResponse,
  headOf,
  headOfRecord,
  outputOf,
  recordedResponse,
  responseObject,
} from './responses-object.ts'
import { answerIdOf, responsesQuestion } from './responses-question.ts'
import { responseEventSchema, responseSchema, responsesSchema } from './responses-schema.ts'

const tags = ['OpenAI']
const params = z.object({ id: z.string().max(300).describe('`resp_` and the id of the answer') })
const replies = {
  200: {
    description: 'The response; streamed, its typed events',
    content: { 'application/json': { schema: responseSchema }, 'text/event-stream': { schema: responseEventSchema } },
  },
  ...openAIErrors,
}

/** Adds POST /v1/responses, GET /v1/responses/<id> and POST /v1/responses/<id>/cancel. */
export function addResponses(app: App, door: Door): void {
  async function beginAlone(question: Question, request: FastifyRequest, caller: Caller) {
    const { id } = await beginLasting(door, question, request.takePermit(), caller)
    return { id, events: followAnswer(door.factory, id, caller) }
  }

  const asking = {
    tags,
    summary: 'Answers as a model would, in a conversation that Andon keeps',
    description: 'Closing the connection cancels the answer, unless `background` is true.',
    body: responsesSchema,
    response: replies,
  }
  app.post(
    '/v1/responses',
    { schema: asking, config: { scope: 'ask', lane: 'question', openai: true } },
    async (request, reply) => {
      const { body } = request
      const caller = door.callerOf(request)
      await modelMustExist(door.factory, body.model, caller)
      const question = asSentWith(request, await responsesQuestion(body, door.factory, caller))
      const { id, events } =
        body.background === true
          ? await beginAlone(question, request, caller)
          : await beginAnswer(door.factory, question, caller)
      void reply.header('andon-answer', id)
      const head = headOf(id, body)
      const link = passageLink(request)
      if (body.stream === true) {
        const told = responseEvents(head, events, { link, show: (reason) => toShow(reason, request.id) })
        return sendEventStream(reply, lines(told), door.heartbeatMs)
      }
      if (body.background === true) return responseObject(head)
      const answer = new AnswerSoFar()
      for await (const event of events) answer.see(event)
      return completedResponse(head, answer, outputOf(head, answer, link))
    },
  )

  const looking = {
    tags,
    summary: 'A response, while it is made and afterwards',
    description: 'With `stream=true` its events from the beginning, or behind `starting_after`.',
    params,
    querystring: z.strictObject({
      stream: z.enum(['true', 'false']).optional(),
      starting_after: z.coerce.number().int().min(0).optional(),
      include: z.unknown().optional(),
      'include[]': z.unknown().optional(),
      include_obfuscation: z.unknown().optional(),
    }),
    response: replies,
  }
  app.get('/v1/responses/:id', { schema: looking, config: { scope: 'ask', openai: true } }, async (request, reply) => {
    const { stream, starting_after: after } = request.query
    const caller = door.callerOf(request)
    const record = await door.factory.record(answerIdOf(request.params.id), caller)
    const link = passageLink(request)
    if (stream !== 'true') return recordedResponse(record, link)
    const show = (reason: unknown): AndonError => toShow(reason, request.id)
    const told = responseEvents(headOfRecord(record), followAnswer(door.factory, record.id, caller), { link, show })
    return sendEventStream(reply, lines(told, after), door.heartbeatMs)
  })

  const stopping = {
    tags,
    summary: 'Ends a response that is being made',
    params,
    response: { 200: responseSchema, ...openAIErrors },
  }
  app.post(
    '/v1/responses/:id/cancel',
    { schema: stopping, config: { scope: 'ask', openai: true } },
    async (request) => {
      const caller = door.callerOf(request)
      const id = answerIdOf(request.params.id)
      await door.factory.stop(id, caller)
      return recordedResponse(await door.factory.record(id, caller), passageLink(request))
    },
  )
}

/** The events behind a number, each under its type. */
async function* lines(events: AsyncIterable<ResponseEvent>, after = -1): AsyncGenerator<string> {
  for await (const event of events)
    if (event.sequence_number > after) yield eventLine(JSON.stringify(event), event.type)
}
