// The characters that one place of a regular expression allows: a class in brackets, an escape, or the dot. Where a class
// says what is not allowed, the answer is one of the characters on a keyboard.

import type { Random } from '../../core/random.ts'

/** From and to, both included, as code points. */
type Range = readonly [number, number]

/** What was read, and where it ended. */
export interface ReadCharacters {
  end: number
  draw: (random: Random) => string
}

const digits: Range[] = [[48, 57]]
const word: Range[] = [...digits, [65, 90], [95, 95], [97, 122]]
const space: Range[] = [[32, 32]]
const keyboard: Range = [32, 126]
const named: Readonly<Record<string, Range[]>> = {
  d: digits,
  w: word,
  s: space,
  D: others(digits),
  W: others(word),
  S: others(space),
}
const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, '0': 0 }

/** Reads `[…]` at a place. Undefined for one that does not end, is empty, or holds what is not known. */
export function readClass(pattern: string, from: number): ReadCharacters | undefined {
  const negated = pattern[from + 1] === '^'
  const ranges: Range[] = []
  let at = from + (negated ? 2 : 1)
  // Languages do not agree on what a bracket in this place is.
  if (pattern[at] === ']') return undefined
  while (pattern[at] !== ']') {
    const low = member(pattern, at)
    if (!low) return undefined
    at = low.end
    const high = pattern[at] === '-' && pattern[at + 1] !== ']' ? member(pattern, at + 1) : undefined
    const [[first] = []] = low.ranges
    const [[last] = []] = high?.ranges ?? []
    if (!high || first === undefined || last === undefined) {
      ranges.push(...low.ranges)
      continue
    }
    if (!single(low.ranges) || !single(high.ranges) || last < first) return undefined
    ranges.push([first, last])
    at = high.end
  }
  return drawn(negated ? others(ranges) : ranges, at + 1)
}

/** Reads an escape or the dot at a place. Undefined for one that stands for no character. */
export function readEscaped(pattern: string, from: number): ReadCharacters | undefined {
  if (pattern[from] === '.') return drawn([keyboard], from + 1)
  const read = member(pattern, from)
  return read && drawn(read.ranges, read.end)
}

function member(pattern: string, at: number): { ranges: Range[]; end: number } | undefined {
  const point = pattern.codePointAt(at)
  if (point === undefined) return undefined
  if (pattern[at] !== '\\') return { ranges: [[point, point]], end: at + String.fromCodePoint(point).length }
  const letter = pattern[at + 1] ?? ''
  const known = named[letter]
  if (known) return { ranges: known, end: at + 2 }
  const coded = /^\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4}))/.exec(pattern.slice(at, at + 6))
  const code = coded ? Number.parseInt(coded[1] ?? coded[2] ?? '', 16) : controls[letter]
  if (code !== undefined) return { ranges: [[code, code]], end: at + (coded?.[0].length ?? 2) }
  // A letter or digit that is not known would mean something else: a boundary, a reference, a property.
  if (letter === '' || /[\da-zA-Z]/.test(letter)) return undefined
  return { ranges: [[letter.charCodeAt(0), letter.charCodeAt(0)]], end: at + 2 }
}

function drawn(ranges: readonly Range[], end: number): ReadCharacters | undefined {
  const sizes = ranges.map(([low, high]) => high - low + 1)
  const all = sizes.reduce((sum, size) => sum + size, 0)
  if (all === 0) return undefined
  return {
    end,
    draw: (random) => {
      let at = Math.floor(random() * all)
      for (const [low, high] of ranges) {
        if (at <= high - low) return String.fromCodePoint(low + at)
        at -= high - low + 1
      }
      return ''
    },
  }
}

/** The characters on a keyboard that are in none of the ranges. */
function others(ranges: readonly Range[]): Range[] {
  const left: Range[] = []
  for (let point = keyboard[0]; point <= keyboard[1]; point++)
    if (!ranges.some(([low, high]) => point >= low && point <= high)) left.push([point, point])
  return left
}

function single(ranges: readonly Range[]): boolean {
  return ranges.length === 1 && ranges[0]?.[0] === ranges[0]?.[1]
}
