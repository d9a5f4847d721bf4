// The library that Andon knows from its first minute: its own handbook, in English and Chinese. Its pages are
// documents like all others, in a collection of their own, and stay removed while they can be restored.

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DocumentInfo } from '../core/document.ts'
import { AndonError } from '../core/errors.ts'
import type { Factory } from '../core/factory.ts'

const languages = ['en', 'zh'] as const

/** What is said in the metadata of pages that went because the handbook was switched off, not by somebody's hand. */
const switchedOff = { handbook: 'off' } as const

/** Documents of others may be in its collection too. */
const pageName = /^handbook\/(?:en|zh)\//

/** The collection its pages are in. */
export const handbookCollection = 'handbook'

/**
 * Hands the pages over, where they are not there already, or removed; those that `hideHandbook` removed come back. Loading
 * goes on behind it. Resolves with why pages could not be taken in, one error for each: a library without its handbook is
 * still a library.
 */
export async function loadHandbook(
  factory: Pick<Factory, 'add' | 'list' | 'restore' | 'describe'>,
): Promise<AndonError[]> {
  const folder = fileURLToPath(new URL('../../handbook', import.meta.url))
  const gone = await factory.list({ collection: handbookCollection, status: 'removed', limit: 1_000 })
  const [hidden, byHand] = [gone.filter(isSwitchedOff), gone.filter((page) => !isSwitchedOff(page))]
  const restored = await Promise.allSettled(
    hidden.map(async ({ id }) => {
      await factory.restore(id)
      await factory.describe(id, { metadata: { handbook: null } })
    }),
  )
  const removed = new Set(byHand.map(({ name }) => name))
  const pages: { name: string; path: string; language: string }[] = []
  for (const language of languages) {
    const files = await readdir(join(folder, language)).catch(() => [])
    for (const file of files.filter((each) => each.endsWith('.md')))
      pages.push({ name: `handbook/${language}/${file}`, path: join(folder, language, file), language })
  }
  const added = await Promise.allSettled(
    pages
      .filter(({ name }) => !removed.has(name))
      .map(({ name, path, language }) =>
        factory.add({ name, path, collection: handbookCollection, metadata: { language } }),
      ),
  )
  return failuresOf([...restored, ...added])
}

/**
 * Removes the pages that are there, so that they are not found, until `loadHandbook` brings them back. Resolves with why
 * pages could not be removed, one error for each.
 */
export async function hideHandbook(factory: Pick<Factory, 'list' | 'remove' | 'describe'>): Promise<AndonError[]> {
  const there = await factory.list({ collection: handbookCollection, limit: 1_000 })
  const hidden = await Promise.allSettled(
    there
      .filter(({ name }) => pageName.test(name))
      .map(async ({ id }) => {
        await factory.describe(id, { metadata: switchedOff })
        await factory.remove(id)
      }),
  )
  return failuresOf(hidden)
}

function isSwitchedOff({ name, metadata }: Pick<DocumentInfo, 'name' | 'metadata'>): boolean {
  return pageName.test(name) && metadata['handbook'] === switchedOff.handbook
}

function failuresOf(settled: readonly PromiseSettledResult<unknown>[]): AndonError[] {
  return settled.flatMap((each) => (each.status === 'rejected' ? [AndonError.from(each.reason)] : []))
}
