// Pairs of questions that mean the same or do not, for measuring: those that ship with Andon, and one's own.

import { z } from 'zod'
import { AndonError } from '../core/errors.ts'
import { chinesePairs } from './pairs/chinese.ts'
import { englishPairs } from './pairs/english.ts'

export interface Pair {
  a: string
  b: string
  /** Whether one answer does for both. */
  same: boolean
  language: string
  /** How they differ, or how they are the same: `negation`, `paraphrase`, … */
  kind: string
  /** Of the shipped ones: whether guards and words were fitted while these were looked at. */
  half?: 'tuned' | 'held out'
}

/** Kinds of pairs that mean the same; all others do not. */
const sameKinds: ReadonlySet<string> = new Set(['paraphrase', 'order', 'written'])

/** The pairs that ship with Andon, English and Chinese. */
export function shippedPairs(): Pair[] {
  return [...pairsIn(englishPairs, 'en'), ...pairsIn(chinesePairs, 'zh')]
}

/**
 * Pairs in short: `# question`, and below it lines `kind: other question`, each a pair with it. What stands below
 * `## held out` was written when the guards were done.
 */
function pairsIn(text: string, language: string): Pair[] {
  const pairs: Pair[] = []
  let half: Pair['half'] = 'tuned'
  let a = ''
  for (const line of text.trim().split('\n')) {
    if (line === '## held out') half = 'held out'
    else if (line.startsWith('# ')) a = line.slice(2)
    else {
      const colon = line.indexOf(': ')
      const kind = line.slice(0, colon)
      pairs.push({ a, b: line.slice(colon + 2), same: sameKinds.has(kind), language, kind, half })
    }
  }
  return pairs
}

const pairLine = z.object({
  a: z.string().trim().min(1),
  b: z.string().trim().min(1),
  same: z.boolean(),
  language: z.string().min(1).optional(),
  kind: z.string().min(1).optional(),
})

/** Reads JSON lines of `{ a, b, same, language?, kind? }`. Throws `invalid` with the line that is none. */
export function readPairs(lines: string, name: string): Pair[] {
  const pairs: Pair[] = []
  for (const [at, line] of lines
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (line.trim() === '') continue
    const read = pairLine.safeParse(parsed(line))
    if (!read.success)
      throw new AndonError(
        'invalid',
        `Line ${at + 1} of ${name} is «${line.slice(0, 80)}»: write {"a": "one question", "b": "another", "same": true or false}, and language and kind if you like`,
      )
    const { a, b, same, language, kind } = read.data
    const written = /\p{Script=Han}/u.test(a) ? 'zh' : 'en'
    pairs.push({ a, b, same, language: language ?? written, kind: kind ?? (same ? 'same' : 'different') })
  }
  if (pairs.length === 0) throw new AndonError('invalid', `${name} holds no pair: write one in each line`)
  return pairs
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
