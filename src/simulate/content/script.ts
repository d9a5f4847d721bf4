// A script of answers, as JSON.

import { z } from 'zod'
import { AndonError } from '../../core/errors.ts'
import { checked } from '../checked.ts'
import type { Plain } from '../../core/plain.ts'
import type { ScriptLine } from './respond.ts'

const plain: z.ZodType<Plain> = z.json()

const scriptSchema = z.array(
  z.strictObject({
    match: z.string().exactOptional(),
    reasoning: z.string().exactOptional(),
    text: z.string().exactOptional(),
    toolCalls: z.array(z.strictObject({ name: z.string().min(1), arguments: plain })).exactOptional(),
  }),
)

/** Reads the lines of a script. Throws `invalid` and says which line is wrong. */
export function readScriptLines(text: string): ScriptLine[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new AndonError('invalid', 'The script is not JSON.', { cause })
  }
  return checked(scriptSchema, value, 'The script')
}
