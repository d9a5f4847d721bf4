// What the AI SDK's chat sends: the body of DefaultChatTransport, and beside it what it can be told to add.

import { z } from 'zod'
import { plain } from './replies-parts.ts'
import { filterSchema, toolFields } from './schemas.ts'

/** What a chat is called by the page that began it: its session is `ui_` and this. */
export const chatId = z
  .string()
  .min(1)
  .max(190)
  .refine((id) => id.isWellFormed() && !id.includes('\0'), 'has characters that no text has: use letters and digits')

/**
 * Read are text, and what came of calls of the page's own tools (`tool-<name>`, `dynamic-tool`). Others are passed over:
 * an answer's own sources come back with every message.
 */
const part = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  toolCallId: z.string().max(200).optional(),
  state: z.string().optional(),
  output: plain.optional(),
  errorText: z.string().optional(),
  providerExecuted: z.boolean().optional(),
})

const message = z.looseObject({
  id: z.string().max(200).optional(),
  role: z.enum(['system', 'user', 'assistant']),
  parts: z.array(part),
})

/** Body of POST /v1/ui/messages. */
export const uiMessagesSchema = z.strictObject({
  id: chatId.describe('The chat: Andon keeps its conversation under `ui_<id>`'),
  messages: z
    .array(message)
    .min(1)
    .max(1000)
    .describe('The last one asks, or brings what came of calls; Andon has those before it'),
  trigger: z.enum(['submit-message', 'regenerate-message']).default('submit-message'),
  messageId: z.string().max(200).nullish().describe('The message that is made anew, or was changed'),
  resumable: z
    .boolean()
    .nullish()
    .describe('Whether the answer goes on when the connection is lost. Default false: leaving is stopping'),
  filter: filterSchema.optional(),
  passages: z.int().min(1).max(50).optional(),
  budget_ms: z.int().min(1).max(3_600_000).optional(),
  mode: z.enum(['auto', 'extractive']).optional(),
  ...toolFields,
})

export type UiMessagesBody = z.output<typeof uiMessagesSchema>

/** One part of the stream; what else it carries depends on its type. */
export const uiChunkSchema = z
  .looseObject({ type: z.string() })
  .describe('From `start` to `finish`, as the AI SDK types them; at last `[DONE]`')
