// What `andon add` was told to add, as files with the names they will be known by.

import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { glob, isDynamicPattern } from 'tinyglobby'
import { AndonError } from '../core/errors.ts'
import { IgnoreRules } from './ignore.ts'

/** A file to add. */
export interface SourceFile {
  /** Absolute. */
  path: string
  /** With slashes: below the working directory its path from there, else from the folder that was given. */
  name: string
  /** Named one by one, not found in a folder: then it is an error when it cannot be read. */
  explicit: boolean
}

/** What was given, and the files in it. */
export interface Sources {
  files: SourceFile[]
  /** Folders that were given, absolute. */
  folders: string[]
  /** Links in those folders that lead out of them, absolute: passed over, since anybody may have put them there. */
  linksOut: string[]
}

/** Finds the files that arguments mean: files, folders and patterns. Throws `not-found` for what is not there. */
export async function findSources(
  given: string[],
  base: string,
  resolvePath: (path: string) => string,
): Promise<Sources> {
  const files = new Map<string, SourceFile>()
  const folders: string[] = []
  const linksOut: string[] = []
  for (const each of given) {
    const path = resolvePath(each)
    const found = await stat(path).catch(() => undefined)
    if (found?.isDirectory() === true) {
      folders.push(path)
      for await (const file of walk(path, linksOut))
        keep(files, { path: file, name: nameOf(file, base, path), explicit: false })
    } else if (found !== undefined) {
      keep(files, { path, name: nameOf(path, base, dirname(path)), explicit: true })
    } else if (isDynamicPattern(each)) {
      const matches = await glob(each, { cwd: base, absolute: true, onlyFiles: true, ignore: ['**/node_modules/**'] })
      if (matches.length === 0)
        throw new AndonError(
          'not-found',
          `No file matches ${each}. Check the pattern, and quote it so that the shell leaves it alone.`,
        )
      for (const match of matches.sort()) {
        const file = join(match)
        keep(files, { path: file, name: nameOf(file, base, fixedPart(each, resolvePath)), explicit: false })
      }
    } else {
      const where = each === path ? '' : ` (looked at ${path})`
      throw new AndonError('not-found', `${each} is not there${where}. Check the path.`)
    }
  }
  return { files: [...files.values()], folders, linksOut }
}

/** The folder that a pattern begins with, absolute: files have the same names as when that folder were given. */
function fixedPart(pattern: string, resolvePath: (path: string) => string): string {
  const parts = pattern.split('/')
  const dynamic = parts.findIndex((part) => isDynamicPattern(part))
  return resolvePath(parts.slice(0, dynamic).join('/') || (pattern.startsWith('/') ? '/' : '.'))
}

/** The name of a file: what `add` calls it, and what `--watch` looks for when it goes. */
export function nameOf(path: string, base: string, folder: string): string {
  const fromBase = relative(base, path)
  const outside = fromBase === '..' || fromBase.startsWith(`..${sep}`) || /^[a-zA-Z]:/.test(fromBase)
  const name = outside ? join(basename(folder), relative(folder, path)) : fromBase
  return name.split(sep).join('/')
}

/** The files below a folder that are not ignored, in the order of their names. */
async function* walk(folder: string, linksOut: string[]): AsyncGenerator<string> {
  const root = await realpath(folder)
  const isWithin = async (link: string): Promise<boolean> => {
    const within = (await realpath(link)).startsWith(join(root, sep))
    if (!within) linksOut.push(link)
    return within
  }
  yield* walkInside(folder, await IgnoreRules.above(folder), isWithin)
}

async function* walkInside(
  folder: string,
  above: IgnoreRules,
  isWithin: (link: string) => Promise<boolean>,
): AsyncGenerator<string> {
  const rules = await above.inside(folder)
  const entries = await readdir(folder, { withFileTypes: true })
  entries.sort((one, other) => (one.name < other.name ? -1 : 1))
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (rules.ignores(path, entry.isDirectory())) continue
    // A link to a folder may lead back here; a link to a file is as good as the file.
    if (entry.isDirectory()) yield* walkInside(path, rules, isWithin)
    else if (entry.isFile()) yield path
    else if (entry.isSymbolicLink() && (await stat(path).catch(() => undefined))?.isFile() && (await isWithin(path)))
      yield path
  }
}

function keep(files: Map<string, SourceFile>, file: SourceFile): void {
  const known = files.get(file.path)
  files.set(file.path, known?.explicit === true ? known : file)
}
