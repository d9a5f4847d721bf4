// What the door says when something is wrong.

import { z } from 'zod'
import { milliseconds, named, plain } from './replies-parts.ts'

/** See {@link import('./errors.ts').Problem}. */
export const problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('One sentence: what is wrong, and what to do.'),
    instance: z.string(),
    code: z.enum([
      'cancelled',
      'deadline',
      'overloaded',
      'unavailable',
      'invalid',
      'unauthenticated',
      'forbidden',
      'not-found',
      'conflict',
      'too-large',
      'unsupported',
      'internal',
    ]),
    retryAfterMs: milliseconds.exactOptional(),
    problems: plain.exactOptional().describe('What exactly is wrong with the input, one sentence each.'),
    crowd: plain.exactOptional().describe('Of a full lane: which, its places, who waits there.'),
  })
  .register(named, { id: 'Problem', description: 'A problem document (RFC 9457).' })

/** See {@link import('./errors.ts').OpenAIError}. */
export const openAIError = z
  .strictObject({
    error: z.strictObject({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  })
  .register(named, { id: 'OpenAIError' })
