// Answers as they can be followed and looked at, as the door tells of them.

import { z } from 'zod'
import { answerEvent } from './replies-answers.ts'
import { count, milliseconds, named, time } from './replies-parts.ts'

const answerFailure = z.strictObject({
  code: z.string(),
  message: z.string(),
  retryAfterMs: milliseconds.exactOptional(),
})

/** See {@link import('../core/answer-record.ts').NumberedEvent}. */
export const numberedEvent = z
  .strictObject({
    number: z.int().min(1),
    event: z.union([answerEvent, z.strictObject({ type: z.literal('answer-failed'), error: answerFailure })]),
  })
  .register(named, { id: 'NumberedEvent' })

const span = z.strictObject({
  station: z.string(),
  place: z.string().exactOptional(),
  degraded: z.string().exactOptional().describe('The model that was asked first, where another one answered.'),
  startMs: z.number(),
  waitMs: z.number(),
  workMs: z.number(),
  outcome: z.enum(['ok', 'failed', 'cancelled']),
  attempt: count.exactOptional(),
  firstTextMs: z.number().exactOptional(),
  note: z.string().exactOptional(),
})

const scalar = z.union([z.string(), z.number(), z.boolean()])

/** See {@link import('../core/answer-record.ts').AnswerRecord}. */
export const answerRecord = z
  .strictObject({
    id: z.string(),
    question: z.string(),
    sessionId: z.string().exactOptional(),
    retryOf: z.string().exactOptional(),
    filter: z
      .strictObject({
        collections: z.array(z.string()).exactOptional(),
        documents: z.array(z.string()).exactOptional(),
        excludeDocuments: z.array(z.string()).exactOptional(),
        metadata: z.record(z.string(), z.union([scalar, z.array(scalar)])).exactOptional(),
      })
      .exactOptional(),
    state: z.enum(['running', 'done', 'failed', 'stopped', 'interrupted']),
    startedAt: time,
    endedAt: time.exactOptional(),
    firstTextMs: z.number().exactOptional(),
    totalMs: z.number().exactOptional(),
    error: answerFailure.exactOptional(),
    events: z.array(answerEvent),
    pieces: z.array(count).exactOptional().describe('How long each piece of text was, in order.'),
    spans: z.array(span),
  })
  .register(named, { id: 'AnswerRecord' })
