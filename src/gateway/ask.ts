// POST /v1/ask: a question in, the events of its answer out, as they happen or (for who accepts only JSON) at the end.

import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { AndonError } from '../core/errors.ts'
import type { AnswerEvent, Question } from '../core/question.ts'
import type { App, Door } from './door.ts'
import { problemOf, toShow } from './errors.ts'
import { eventLine, sendEventStream } from './event-stream.ts'
import { askSchema } from './schemas.ts'

/** Adds POST /v1/ask. */
export function addAsk(app: App, door: Door): void {
  const schema = { tags: ['Answers'], summary: 'Asks a question about the documents', body: askSchema }
  app.post('/v1/ask', { schema, config: { scope: 'ask', lane: 'question' } }, async (request, reply) => {
    const question = questionOf(request.body)
    const events = door.factory.ask(question, door.callerOf(request))[Symbol.asyncIterator]()
    // Wait for the first event, so that a question that is refused gets a status of its own.
    const first = await events.next()
    if (!wantsJson(request)) return sendEventStream(reply, lines(request, first, events), door.heartbeatMs)
    let end: AnswerEvent | undefined
    // To its very end, so that nothing of it is left waiting for a reader.
    for (let step = first; step.done !== true; step = await events.next()) end = step.value
    if (end?.type === 'answer-end') return reply.send(end)
    throw new AndonError('internal', 'The answer ended without its last event.')
  })
}

function questionOf({ question, session_id, filter, passages, budget_ms, mode }: z.output<typeof askSchema>): Question {
  return {
    text: question,
    ...(session_id === undefined ? {} : { sessionId: session_id }),
    ...(filter === undefined
      ? {}
      : {
          filter: {
            ...(filter.collections === undefined ? {} : { collections: filter.collections }),
            ...(filter.documents === undefined ? {} : { documents: filter.documents }),
            ...(filter.metadata === undefined ? {} : { metadata: filter.metadata }),
          },
        }),
    ...(passages === undefined ? {} : { passages }),
    ...(budget_ms === undefined ? {} : { budgetMs: budget_ms }),
    ...(mode === undefined ? {} : { mode }),
  }
}

async function* lines(
  request: FastifyRequest,
  first: IteratorResult<AnswerEvent>,
  events: AsyncIterator<AnswerEvent>,
): AsyncGenerator<string> {
  let ended = false
  let count = 0
  let answer = request.id
  try {
    for (let step = first; ; step = await events.next()) {
      if (step.done === true) break
      if (step.value.type === 'answer-start') answer = step.value.id
      count += 1
      yield eventLine(JSON.stringify(step.value), step.value.type, `${answer}.${count}`)
    }
    ended = true
  } catch (reason) {
    ended = true
    yield eventLine(JSON.stringify(problemOf(toShow(reason, request.id), request.id)), 'error')
  } finally {
    if (!ended) await events.return?.()
  }
}

function wantsJson(request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? ''
  return accept.includes('application/json') && !accept.includes('text/event-stream')
}
