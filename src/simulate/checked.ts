// Reads what came from outside by a schema, or says in a sentence what is wrong with it.

import type { z } from 'zod'
import { AndonError } from '../core/errors.ts'

/** The value as the schema has it. Throws `invalid` with the place and the reason; `what` is said for the whole of it. */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, what = 'The body'): z.output<Schema> {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const [problem] = read.error.issues
  const place = problem?.path.join('.') ?? ''
  throw new AndonError(
    'invalid',
    `${what} is wrong${place === '' ? '' : ` at "${place}"`}: ${problem?.message ?? 'no reason'}.`,
  )
}
