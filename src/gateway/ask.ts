// POST /v1/ask: a question in, the events of its answer out, as they happen or (for who accepts only JSON) at the end.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AnswerFailed, NumberedEvent } from '../core/answer-record.ts'
import { AndonError, isCode } from '../core/errors.ts'
import type { AnswerEvent } from '../core/question.ts'
import { answerLines, numbered } from './answer-lines.ts'
import { questionOf } from './ask-question.ts'
import { asSentWith } from './cache-control.ts'
import type { App, Door } from './door.ts'
import { sendEventStream } from './event-stream.ts'
import { onceFor } from './idempotency.ts'
import { beginLasting } from './lasting-answer.ts'
import { answerEnd } from './replies.ts'
import { askSchema } from './schemas.ts'

/** Adds POST /v1/ask. */
export function addAsk(app: App, door: Door): void {
  const schema = {
    tags: ['Answers'],
    summary: 'Asks a question about the documents',
    description:
      'Streams the events of the answer (text/event-stream) with ids `<answer id>.<number>`; the last one is `answer-end`, or `error` with a problem document. With `resumable`, or under an Idempotency-Key, the answer goes on when the connection is lost; one that fails then ends with `answer-failed`, as when it is followed. With `Accept: application/json` the reply is the last event alone. The header `andon-answer` is the id of the answer.',
    body: askSchema,
    response: { 200: answerEnd },
  }
  const config = { scope: 'ask', lane: 'question', once: 'by-route' } as const
  app.post('/v1/ask', { schema, config }, async (request, reply) => {
    const caller = door.callerOf(request)
    const once = onceFor(request)
    if (once?.replayOf !== undefined) {
      const answerId = typeof once.replayOf === 'string' ? once.replayOf : ''
      return followed(request, reply, door, answerId, unfinished)
    }
    const asked = asSentWith(request, questionOf(request.body))
    // Who names the question comes back for its answer when the line is lost.
    if (once || asked.resumable) {
      const question = { ...asked, resumable: true }
      const { id } = await beginLasting(door, question, request.takePermit(), caller)
      await once?.settle(id)
      return followed(request, reply, door, id, failure)
    }
    const events = door.factory.ask(asked, caller)[Symbol.asyncIterator]()
    // Wait for the first event, so that a question that is refused gets a status of its own.
    const first = await events.next()
    const answerId = first.done !== true && first.value.type === 'answer-start' ? first.value.id : request.id
    void reply.header('andon-answer', answerId)
    if (!wantsJson(request))
      return sendEventStream(reply, answerLines(answerId, numbered(first, events), request.id), door.heartbeatMs)
    let end: AnswerEvent | undefined
    // To its very end, so that nothing of it is left waiting for a reader.
    for (let step = first; step.done !== true; step = await events.next()) end = step.value
    if (end?.type === 'answer-end') return reply.send(end)
    throw new AndonError('internal', 'The answer ended without its last event.')
  })
}

/** An answer that lasts, from its first event; `failed` makes the error of one that did not come to its end. */
async function followed(
  request: FastifyRequest,
  reply: FastifyReply,
  door: Door,
  answerId: string,
  failed: (answerId: string, last: AnswerFailed | undefined) => AndonError,
): Promise<FastifyReply> {
  const events = door.factory.follow(answerId, {}, door.callerOf(request))
  void reply.header('andon-answer', answerId)
  if (!wantsJson(request)) return sendEventStream(reply, answerLines(answerId, events, request.id), door.heartbeatMs)
  let last: NumberedEvent['event'] | undefined
  for await (const each of events) last = each.event
  if (last?.type === 'answer-end') return reply.send(last)
  throw failed(answerId, last?.type === 'answer-failed' ? last : undefined)
}

/** For who asked. */
function failure(answerId: string, last: AnswerFailed | undefined): AndonError {
  if (last === undefined) return new AndonError('internal', `The answer ${answerId} ended without its last event.`)
  const { code, message, retryAfterMs } = last.error
  return AndonError.fromWire({
    code: isCode(code) ? code : 'unavailable',
    message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

/** For who asks again under the same key. */
function unfinished(answerId: string): AndonError {
  return new AndonError('conflict', `The answer ${answerId} did not come to its end. Ask again under another key.`)
}

function wantsJson(request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? ''
  return accept.includes('application/json') && !accept.includes('text/event-stream')
}
