// What is said on a WebSocket: messages in, checked; and messages out.

import { z } from 'zod'
import type { NumberedEvent } from '../core/answer-record.ts'
import type { Problem } from './errors.ts'
import { askSchema } from './schemas.ts'

const ref = z.string().min(1).max(200)
const answer = z.string().min(1).max(200)

/** A message of a client. `ref` is its own name for what it asks, and stands in every message about it. */
export const messageIn = z.discriminatedUnion(
  'type',
  [
    askSchema.extend({ type: z.literal('ask'), ref }),
    z.strictObject({ type: z.literal('follow'), ref, answer, after: z.int().min(0).optional() }),
    z
      .strictObject({ type: z.literal('stop'), ref: ref.optional(), answer: answer.optional() })
      .refine(({ ref, answer }) => (ref === undefined) !== (answer === undefined), 'needs ref or answer, and not both'),
  ],
  'must be "ask", "follow" or "stop"',
)

export type MessageIn = z.output<typeof messageIn>

/** A message to a client. */
export type MessageOut =
  /** An event of what was asked or followed under `ref`; the last one is `answer-end`, or `answer-failed` when followed or resumable. */
  | ({ ref: string } & NumberedEvent)
  /** What was asked under `ref` failed, and nothing more comes; or, without `ref`, a message that cannot be read. */
  | { ref?: string; error: Problem }
  /** What a `stop` did. */
  | { ref?: string; answer?: string; stopped: boolean }
