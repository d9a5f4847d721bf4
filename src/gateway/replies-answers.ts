// What happens while an answer is made, as the door tells of it.

import { z } from 'zod'
import { count, milliseconds, named } from './replies-parts.ts'
import { citation, found } from './replies-passages.ts'
import { askedCall, recomputedFigure, toolEvents } from './replies-tools.ts'

const usage = z.strictObject({
  promptTokens: count,
  completionTokens: count,
  cachedTokens: count.exactOptional(),
  reasoningTokens: count.exactOptional(),
  estimated: z.boolean(),
})

const cached = z
  .strictObject({
    at: count.describe('When the model had written it, in milliseconds since 1970'),
    ageMs: count.describe('How old it was when it was asked for; 0 when it was just being written for somebody else'),
    question: z
      .string()
      .exactOptional()
      .describe('The question that it was written for, when that was asked in other words (cache.semantic)'),
    usage: usage.exactOptional().describe('What it took then'),
  })
  .describe('No model was asked: these words were said to the same question before')

const degradation = z.strictObject({
  reason: z.enum([
    'model-missing',
    'model-failed',
    'model-slow',
    'embedder-failed',
    'reranker-failed',
    'out-of-time',
    'tools-cut',
  ]),
  message: z.string(),
})

/** See {@link import('../core/question.ts').AnswerEnd}. */
export const answerEnd = z
  .strictObject({
    type: z.literal('answer-end'),
    id: z.string(),
    text: z.string(),
    mode: z.enum(['generated', 'extractive']),
    model: z.string().exactOptional(),
    cached: cached.exactOptional(),
    confidence: z.enum(['answered', 'uncertain', 'refused']),
    figures: z.array(recomputedFigure).exactOptional(),
    toolRuns: z
      .array(z.strictObject({ id: z.string(), name: z.string(), ok: z.boolean(), ms: z.number() }))
      .exactOptional(),
    toolCalls: z.array(askedCall).exactOptional(),
    score: z.number(),
    citations: z.array(citation),
    unsupported: count,
    citationsRemoved: count,
    degraded: z.array(degradation),
    skipped: z.array(z.string()),
    usage: usage.exactOptional(),
    timings: z.record(z.string(), z.number()),
    totalMs: milliseconds,
    sessionId: z.string().exactOptional(),
  })
  .register(named, { id: 'AnswerEnd' })

/** See {@link import('../core/question.ts').AnswerEvent}. */
export const answerEvent = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('answer-start'),
      id: z.string(),
      question: z.string(),
      resolved: z.string().exactOptional(),
    }),
    z.strictObject({ type: z.literal('stage-start'), stage: z.string() }),
    z.strictObject({ type: z.literal('stage-end'), stage: z.string(), ms: z.number() }),
    z.strictObject({
      type: z.literal('passages-found'),
      passages: z.array(found),
      search: z.enum(['lexical', 'hybrid']),
      repaired: z.record(z.string(), z.array(z.string())).exactOptional(),
    }),
    z.strictObject({ type: z.literal('text-delta'), text: z.string() }),
    z.strictObject({ type: z.literal('citation'), marker: count, citation }),
    z.strictObject({
      type: z.literal('sentence-checked'),
      start: count,
      end: count,
      supported: z.boolean(),
      problems: z.array(z.string()),
      figures: z.array(recomputedFigure).exactOptional(),
    }),
    ...toolEvents,
    z.strictObject({ type: z.literal('answer-degraded'), degradation }),
    z.strictObject({ type: z.literal('usage'), usage }),
    z.strictObject({ type: z.literal('suggestions'), questions: z.array(z.string()) }),
    answerEnd,
  ])
  .register(named, { id: 'AnswerEvent' })
