// What a table of words says: which ways of saying it are one thing, and which things exclude each other.

/** One thing that can be said in several ways. */
export interface Thing {
  /** The same for all ways of saying it. Never a word that text can hold. */
  id: string
  /** Things of one row exclude each other. */
  row: string
  /** May be left unsaid. */
  soft: boolean
}

/** A table of words, looked up by the way something is said. */
export interface Wording {
  things: ReadonlyMap<string, Thing>
  /** Parts of the longest way. */
  longest: number
}

/**
 * Reads a table. `split` cuts a way into the parts by which it is looked up, joined by a space: stems of English words,
 * characters of Chinese.
 */
export function readWording(table: string, name: string, split: (way: string) => string[]): Wording {
  const things = new Map<string, Thing>()
  let longest = 1
  for (const [row, line] of table.trim().split('\n').entries())
    for (const [at, alternative] of line.split('|').entries())
      for (const way of alternative.trim().replace(/^~/, '').split(',')) {
        const parts = split(way.trim())
        if (parts.length === 0) continue
        longest = Math.max(longest, parts.length)
        const key = parts.join(' ')
        // What stands first is what a word mostly means.
        if (!things.has(key))
          things.set(key, {
            id: `#${name}${row}.${at}`,
            row: `${name}${row}`,
            soft: alternative.trim().startsWith('~'),
          })
      }
  return { things, longest }
}
