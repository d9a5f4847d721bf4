// Which files of a folder are passed over: dot files, node_modules, and what .gitignore files say. The rules of git
// that people use are here (`*`, `?`, `**`, `[…]`, a leading `/`, a trailing `/`, `!`); the last rule that fits counts.

import { access, readFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'

interface Rule {
  /** Folder of the .gitignore that the rule is from. */
  base: string
  pattern: RegExp
  negated: boolean
  foldersOnly: boolean
}

/** The rules that hold in a folder. */
export class IgnoreRules {
  readonly #rules: Rule[]

  private constructor(rules: Rule[]) {
    this.#rules = rules
  }

  /** The rules above a folder, up to the root of its git repository. None when it is in no repository. */
  static async above(folder: string): Promise<IgnoreRules> {
    const folders: string[] = []
    for (let here = folder; ; here = dirname(here)) {
      if (await exists(join(here, '.git'))) {
        if (here !== folder) folders.unshift(here)
        break
      }
      if (here !== folder) folders.unshift(here)
      if (dirname(here) === here) return new IgnoreRules([])
    }
    const rules: Rule[] = []
    for (const each of folders) rules.push(...(await rulesOf(each)))
    return new IgnoreRules(rules)
  }

  /** These rules and those of the folder's own .gitignore. */
  async inside(folder: string): Promise<IgnoreRules> {
    const own = await rulesOf(folder)
    return own.length === 0 ? this : new IgnoreRules([...this.#rules, ...own])
  }

  /** Whether an entry with this absolute path is passed over. */
  ignores(path: string, isFolder: boolean): boolean {
    const name = path.slice(path.lastIndexOf(sep) + 1)
    if (name.startsWith('.') || (isFolder && name === 'node_modules')) return true
    let ignored = false
    for (const rule of this.#rules) {
      if (rule.foldersOnly && !isFolder) continue
      const below = relative(rule.base, path).split(sep).join('/')
      if (!below.startsWith('../') && rule.pattern.test(below)) ignored = !rule.negated
    }
    return ignored
  }
}

/** The pattern of one line of a .gitignore as a regular expression over the path below its folder. */
export function ignorePattern(line: string): RegExp {
  const anchored = line.slice(0, -1).includes('/')
  const body = line.replace(/^\//, '').replace(/\/$/, '')
  let expression = ''
  for (let at = 0; at < body.length; at += 1) {
    const rest = body.slice(at)
    const character = body.charAt(at)
    if (rest.startsWith('**/')) {
      expression += '(?:.*/)?'
      at += 2
    } else if (rest.startsWith('**')) {
      expression += '.*'
      at += 1
    } else if (character === '*') expression += '[^/]*'
    else if (character === '?') expression += '[^/]'
    else if (character === '[' && rest.indexOf(']', 2) > 0) {
      const end = rest.indexOf(']', 2)
      expression += `[${rest.slice(1, end).replace(/^!/, '^').replaceAll('\\', '\\\\')}]`
      at += end
    } else if (character === '\\' && rest.length > 1) {
      expression += escaped(body.charAt(at + 1))
      at += 1
    } else expression += escaped(character)
  }
  return new RegExp(`^${anchored ? '' : '(?:.*/)?'}${expression}$`)
}

async function rulesOf(folder: string): Promise<Rule[]> {
  let text: string
  try {
    text = await readFile(join(folder, '.gitignore'), 'utf8')
  } catch {
    return []
  }
  return text
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const negated = line.startsWith('!')
      const pattern = negated ? line.slice(1) : line
      return { base: folder, pattern: ignorePattern(pattern), negated, foldersOnly: pattern.endsWith('/') }
    })
}

function escaped(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
