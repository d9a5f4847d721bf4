// Which documents a tool looks in: the arguments that say so, and the filter that they mean.

import { z } from 'zod'
import type { Filter } from '../../core/question.ts'
import { filterOf } from '../ask-question.ts'
import { filterSchema } from '../schemas.ts'

export const searchedIn = {
  collections: z
    .array(z.string().min(1).max(1000))
    .max(100)
    .optional()
    .describe('Only documents of these collections.'),
  filter: filterSchema.optional().describe('Only some documents: collections, documents (ids), metadata.'),
}

/** The filter as a part of a question; nothing when all documents are meant. `collections` go before those of `filter`. */
export function filterIn({
  collections,
  filter,
}: {
  collections?: string[] | undefined
  filter?: z.output<typeof filterSchema> | undefined
}): { filter?: Filter } {
  const wanted = collections === undefined ? filter : { ...filter, collections }
  return wanted === undefined ? {} : { filter: filterOf(wanted) }
}
