// The library that Andon knows from its first minute: its own handbook, in English and Chinese. Its pages are
// documents like all others, in a collection of their own, and stay removed while they can be restored.

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AndonError } from '../core/errors.ts'
import type { Factory } from '../core/factory.ts'

const languages = ['en', 'zh'] as const
/** The collection its pages are in. */
export const handbookCollection = 'handbook'

/**
 * Hands the pages over, where they are not there already, or removed. Loading goes on behind it. Resolves with why pages
 * could not be taken in, one error for each: a library without its handbook is still a library.
 */
export async function loadHandbook(factory: Pick<Factory, 'add' | 'list'>): Promise<AndonError[]> {
  const folder = fileURLToPath(new URL('../../handbook', import.meta.url))
  const gone = await factory.list({ collection: handbookCollection, status: 'removed', limit: 1_000 })
  const removed = new Set(gone.map(({ name }) => name))
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
  return added.flatMap((each) => (each.status === 'rejected' ? [AndonError.from(each.reason)] : []))
}
