// What the desk for tools may be asked, checked before any work begins, as requests.ts does for the other desks.

import { z } from 'zod'
import { checked } from './gateway/schemas.ts'
import { isPlainObject } from './requests.ts'

const toolName = z.string().min(1).max(200)
const id = z.string().min(1).max(200)

const query = z.strictObject({ search: z.string().max(1_000).optional() })

const call = z.strictObject({
  name: toolName,
  arguments: z.custom<object>(isPlainObject, 'must be an object of plain values').optional(),
  deadlineMs: z.number().min(1).max(3_600_000).optional(),
  approved: z.boolean().optional(),
})

const change = z
  .strictObject({
    enabled: z.boolean().optional(),
    permission: z.enum(['allow', 'ask', 'deny']).optional(),
  })
  .refine(
    ({ enabled, permission }) => enabled !== undefined || permission !== undefined,
    'changes nothing: give enabled, permission, or both',
  )

const runs = z.strictObject({
  tool: toolName.optional(),
  limit: z.int().min(1).max(1_000).optional(),
  before: id.optional(),
})

const word = z.object({ word: z.enum(['once', 'host', 'always', 'decline']) })

/** Throws `invalid`, naming the field, its value and what is expected. */
export const mustBeTool = {
  name: (value: unknown): void => void checked(z.object({ name: toolName }), { name: value }),
  query: (value: unknown): void => void checked(query.optional(), value ?? undefined, 'The query'),
  call: (value: unknown): void => void checked(call, value, 'The call'),
  change: (value: unknown): void => void checked(change, value, 'The change'),
  runs: (value: unknown): void => void checked(runs.optional(), value ?? undefined, 'The query'),
  word: (value: unknown): void => void checked(word, { word: value }),
}
