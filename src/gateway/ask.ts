// POST /v1/ask: a question in, the events of its answer out, as they happen or (for who accepts only JSON) at the end.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { NumberedEvent } from '../core/answer-record.ts'
import { AndonError } from '../core/errors.ts'
import type { Plain } from '../core/plain.ts'
import type { AnswerEvent } from '../core/question.ts'
import { answerLines, numbered } from './answer-lines.ts'
import { questionOf } from './ask-question.ts'
import type { App, Door } from './door.ts'
import { sendEventStream } from './event-stream.ts'
import { onceFor } from './idempotency.ts'
import { holdPlace } from './lasting-answer.ts'
import { answerEnd } from './replies.ts'
import { askSchema } from './schemas.ts'

/** Adds POST /v1/ask. */
export function addAsk(app: App, door: Door): void {
  const schema = {
    tags: ['Answers'],
    summary: 'Asks a question about the documents',
    description:
      'Streams the events of the answer (text/event-stream) with ids `<answer id>.<number>`; the last one is `answer-end`, or `error` with a problem document. With `Accept: application/json` the reply is the last event alone. The header `andon-answer` is the id of the answer.',
    body: askSchema,
    response: { 200: answerEnd },
  }
  app.post('/v1/ask', { schema, config: { scope: 'ask', lane: 'question', once: 'by-route' } }, async (request, reply) => {
    const caller = door.callerOf(request)
    const once = onceFor(request)
    if (once?.replayOf !== undefined) return again(request, reply, door, once.replayOf)
    // Who names the question comes back for its answer when the line is lost.
    const question = { ...questionOf(request.body), ...(once ? { resumable: true } : {}) }
    const events = door.factory.ask(question, caller)[Symbol.asyncIterator]()
    // Wait for the first event, so that a question that is refused gets a status of its own.
    const first = await events.next()
    const answerId = first.done !== true && first.value.type === 'answer-start' ? first.value.id : request.id
    void reply.header('andon-answer', answerId)
    await once?.settle(answerId)
    if (question.resumable) void holdPlace(door, request, answerId, caller)
    if (!wantsJson(request))
      return sendEventStream(reply, answerLines(answerId, numbered(first, events), request.id), door.heartbeatMs)
    let end: AnswerEvent | undefined
    // To its very end, so that nothing of it is left waiting for a reader.
    for (let step = first; step.done !== true; step = await events.next()) end = step.value
    if (end?.type === 'answer-end') return reply.send(end)
    throw new AndonError('internal', 'The answer ended without its last event.')
  })
}

/** The answer to a question that was asked before under the same Idempotency-Key, from its first event. */
async function again(request: FastifyRequest, reply: FastifyReply, door: Door, kept: Plain): Promise<FastifyReply> {
  const answerId = typeof kept === 'string' ? kept : ''
  const events = door.factory.follow(answerId, {}, door.callerOf(request))
  void reply.header('andon-answer', answerId)
  if (!wantsJson(request)) return sendEventStream(reply, answerLines(answerId, events, request.id), door.heartbeatMs)
  let last: NumberedEvent | undefined
  for await (const each of events) last = each
  if (last?.event.type === 'answer-end') return reply.send(last.event)
  throw new AndonError('conflict', `The answer ${answerId} did not come to its end. Ask again under another key.`)
}

function wantsJson(request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? ''
  return accept.includes('application/json') && !accept.includes('text/event-stream')
}
