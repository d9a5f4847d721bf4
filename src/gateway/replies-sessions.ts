// Conversations and their turns, as the door tells of them.

import { z } from 'zod'
import { count, named, time } from './replies-parts.ts'
import { askedCall } from './replies-tools.ts'

/** See {@link import('../core/session.ts').SessionInfo}. */
export const sessionInfo = z
  .strictObject({
    id: z.string(),
    title: z.string().describe('The name given to it, or how it began.'),
    turns: count,
    updatedAt: time,
    removedAt: time.exactOptional(),
  })
  .register(named, { id: 'Session' })

/** See {@link import('../core/question.ts').Turn}. */
export const turn = z
  .strictObject({
    role: z.enum(['user', 'assistant', 'tool']),
    text: z.string(),
    at: time,
    cited: z.array(z.string()).exactOptional().describe('Ids of the passages it cited, best first.'),
    citedFirst: z
      .strictObject({ documentId: z.string(), passageId: z.string(), start: count, end: count })
      .exactOptional(),
    resolved: z.string().exactOptional().describe('The whole question that it stood for.'),
    answerId: z.string().exactOptional(),
    versionOf: z.string().exactOptional().describe('The answer that this one is another version of.'),
    toolCalls: z.array(askedCall).exactOptional(),
    callId: z.string().exactOptional(),
  })
  .register(named, { id: 'Turn' })

/** See {@link import('../core/session.ts').SessionView}. */
export const sessionView = z
  .strictObject({ session: sessionInfo, turns: z.array(turn) })
  .register(named, { id: 'SessionView' })

/** See {@link import('../core/session.ts').SessionExport}. */
export const sessionExport = z
  .strictObject({
    session: sessionInfo,
    summary: z
      .strictObject({ text: z.string(), turns: count.describe('Turns from the beginning that it tells of.') })
      .exactOptional()
      .describe('What was said first, in short.'),
    turns: z.array(turn),
  })
  .register(named, { id: 'SessionExport' })
