// Where an answer is looked for: in all documents, or in one collection.

import { computed, signal } from '@preact/signals'
import { getJson } from '../../api/client.ts'

export interface Collection {
  collection: string
  documents: number
  passages: number
}

/** The collections there are; undefined until they are read. */
export const collections = signal<readonly Collection[] | undefined>(undefined)

/** The chosen collection; empty for all. */
export const chosen = signal('')

/** What the choice adds to a question. */
export const scope = computed(() => (chosen.value === '' ? {} : { filter: { collections: [chosen.value] } }))

/** Reads the collections again. What was read stays when that fails. */
export async function look(): Promise<void> {
  try {
    const { collections: found } = await getJson<{ collections: Collection[] }>('/v1/collections')
    collections.value = found
    if (!found.some(({ collection }) => collection === chosen.value)) chosen.value = ''
  } catch {
    // It is asked again with the next page.
  }
}
