// The exact place that supports a sentence, and how an answer came to be, as the other protocols carry them beside
// their own fields.

import { z } from 'zod'
import { citation } from './replies.ts'

/** The number shown in the text as `[marker]`, and its citation. */
export const markedCitationSchema = z.object({ ...citation.shape, marker: z.number() })

/** See `AnswerExtension`. */
export const extensionSchema = z
  .object({
    id: z.string().describe('The id of the answer, for GET /v1/answers/<id>'),
    mode: z.enum(['generated', 'extractive']),
    confidence: z.enum(['answered', 'uncertain', 'refused']),
    score: z.number(),
    unsupported: z.number(),
    degraded: z.array(z.object({ reason: z.string(), message: z.string() })),
    sessionId: z.string().optional(),
  })
  .describe('How the answer came to be')
