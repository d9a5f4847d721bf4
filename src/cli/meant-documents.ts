// Which documents somebody may have meant who gave a name that none has: the path on the way to it, the folder it was
// added with, or a slip of the finger.

import { basename, dirname } from 'node:path'
import { nameOf } from './sources.ts'
import { nearest } from '../text/nearest.ts'

/** Names that a hint shows at most. */
const mostNamed = 3

/**
 * The sentence that says what to write instead of `given`, when it means one of `names` or a folder of them; undefined when
 * nothing comes near. `path` is where `given` leads to from `base`, the working directory, as `add` would take it.
 */
export function meantDocuments(
  given: string,
  { path, base, names }: { path: string; base: string; names: readonly string[] },
): string | undefined {
  const asFile = nameOf(path, base, dirname(path))
  const asFolder = (nameOf(path, base, path) || basename(path)).replace(/\/$/, '')
  const meant = names.filter((name) => name === asFile || name.endsWith(`/${given}`))
  const below = names.filter((name) => `/${name}`.includes(`/${asFolder}/`))
  const likely = meant.length === 0 && below.length === 1 ? below : meant
  if (likely.length > 0) return `Did you mean ${likely.slice(0, mostNamed).join(' or ')}?`
  if (below.length > 0)
    return `${given} is a folder of ${below.length} documents, and each is given by its own name: ${listed(below)}.`
  const near = nearest(asFile, names)
  return near === undefined ? undefined : `Did you mean ${near}?`
}

/** All of a few names, and of many the first. */
function listed(names: readonly string[]): string {
  return names.length <= mostNamed ? names.join(', ') : `${names.slice(0, mostNamed).join(', ')}, …`
}
