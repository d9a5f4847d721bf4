// How an answer came to be and what it leans on, as the other protocols carry it beside their own fields.

import { z } from 'zod'
import { answerEnd, citation } from './replies.ts'

/** The number shown in the text as `[marker]`, and its citation. */
export const markedCitationSchema = z.object({ ...citation.shape, marker: z.number() })

/** See {@link import('./answer-so-far.ts').AnswerExtension}. */
export const extensionSchema = answerEnd
  .pick({
    id: true,
    mode: true,
    cached: true,
    confidence: true,
    score: true,
    unsupported: true,
    degraded: true,
    toolRuns: true,
    figures: true,
    sessionId: true,
  })
  .describe('How the answer came to be; its id is that of GET /v1/answers/<id>')
