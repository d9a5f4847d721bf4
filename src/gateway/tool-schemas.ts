// What a question says of tools, as zod schemas: which may be called, those of the caller, and calls that were made.

import { z } from 'zod'
import { plainObject } from './replies-tools.ts'

/** What a tool may be called, as the providers of models have it. */
export const toolName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, _ and -')

/** Names of tools of the factory. */
export const toolNames = z.array(z.string().min(1).max(200)).max(1_000)

/** See {@link import('../core/question.ts').ClientTool}. */
export const clientToolSchema = z.strictObject({
  name: toolName,
  description: z.string().max(10_000).optional(),
  parameters: plainObject.optional().describe('JSON Schema of its arguments'),
})

/** See {@link import('../core/question.ts').AskedCall}. */
export const askedCallSchema = z.strictObject({
  id: z.string().min(1).max(200),
  name: z.string().min(1).max(200),
  arguments: z.string().max(1_000_000),
})

/** Whether the model must call a tool, or one of this name, or must not. */
export const toolChoiceSchema = z.union(
  [z.enum(['auto', 'none', 'required']), z.strictObject({ name: toolName })],
  'must be "auto", "none", "required", or { name } of one tool',
)
