// Answers by their ids: what happened, the events again or further, and the end before its time.

import { z } from 'zod'
import { answerLines, placeToGoOn } from './answer-lines.ts'
import type { App, Door } from './door.ts'
import { sendEventStream } from './event-stream.ts'
import { answerRecord } from './replies.ts'

const params = z.strictObject({ id: z.string().min(1).max(200) })
const tags = ['Answers']
const config = { scope: 'ask' } as const

/** Adds GET /v1/answers/:id, GET /v1/answers/:id/events and POST /v1/answers/:id/stop. */
export function addAnswers(app: App, door: Door): void {
  const { factory, heartbeatMs } = door

  const record = { tags, summary: 'What happened while an answer was made', params, response: { 200: answerRecord } }
  app.get('/v1/answers/:id', { schema: record, config }, async (request, reply) =>
    reply.send(await factory.record(request.params.id, door.callerOf(request))),
  )

  const events = {
    tags,
    summary: 'The events of an answer, from the first or behind one, to its end',
    description:
      'Server-sent events with ids `<answer id>.<number>`. A reader that lost the line goes on with `Last-Event-ID` (or `after`). The last event is `answer-end` or `answer-failed`. 204 when there is nothing behind that event and nothing will come.',
    params,
    querystring: z.strictObject({
      after: z.coerce.number().int().min(0).optional().describe('Number of the last event that was seen'),
    }),
  }
  app.get('/v1/answers/:id/events', { schema: events, config }, async (request, reply) => {
    const { id } = request.params
    const caller = door.callerOf(request)
    const after = placeToGoOn(id, request.headers['last-event-id'], request.query.after)
    // Whose answer it is, is known before the stream begins; what is to come may take a while.
    const { state } = await factory.record(id, caller)
    const events = factory.follow(id, { after }, caller)
    void reply.header('andon-answer', id)
    if (state === 'running') return sendEventStream(reply, answerLines(id, events, request.id), heartbeatMs)
    const iterator = events[Symbol.asyncIterator]()
    const first = await iterator.next()
    if (first.done === true) return reply.status(204).send()
    return sendEventStream(reply, answerLines(id, put(first.value, iterator), request.id), heartbeatMs)
  })

  const stop = {
    tags,
    summary: 'Ends an answer under way',
    description: 'What was said until then stays. `stopped` is false when it had ended already.',
    params,
    response: { 200: z.strictObject({ stopped: z.boolean() }) },
  }
  app.post('/v1/answers/:id/stop', { schema: stop, config }, async (request) => ({
    stopped: await factory.stop(request.params.id, door.callerOf(request)),
  }))
}

/** What came already, and the rest. */
async function* put<Item>(first: Item, rest: AsyncIterator<Item>): AsyncGenerator<Item> {
  yield first
  yield* { [Symbol.asyncIterator]: () => rest }
}
