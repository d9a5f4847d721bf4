// Metadata as it comes in: an object of plain values. What is in it is looked through where it is kept.

import { z } from 'zod'
import { AndonError } from '../core/errors.ts'
import type { Plain } from '../core/plain.ts'
import { isPlainObject } from '../requests.ts'

/** An object that JSON can say. */
export const plainObject = z
  .custom<Record<string, Plain>>(isPlainObject, 'must be an object of plain values')
  .meta({ type: 'object', description: 'Facts about the document: questions can be limited by them.' })

/** The metadata in a field of a form: JSON. Throws `invalid` when it is none. */
export function metadataOf(field: unknown): Record<string, Plain> {
  let value: unknown = field
  if (typeof field === 'string') {
    try {
      value = JSON.parse(field)
    } catch (reason) {
      throw new AndonError('invalid', 'The field metadata is not valid JSON. Check its quotes and commas.', {
        cause: reason,
      })
    }
  }
  const metadata = plainObject.safeParse(value)
  if (metadata.success) return metadata.data
  throw new AndonError('invalid', 'The field metadata must be a JSON object, like {"author": "Ada"}.')
}
