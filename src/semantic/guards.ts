// Why two questions that look alike must not share an answer. A likeness cannot tell: "is it allowed" and "is it not
// allowed" are nearer to each other than most ways of asking the same. Each guard looks at one thing; all must agree.

import { wantsOther } from './asked.ts'
import { isTurned } from './direction.ts'
import { overlapOf } from './overlap.ts'
import type { Reading } from './reading.ts'

/** What two questions differ in. */
export type Difference =
  | 'language'
  | 'polarity'
  | 'figures'
  | 'names'
  | 'question'
  | 'tense'
  | 'direction'
  | 'opposites'
  | 'scope'
  | 'word'
  | 'words'

/** Two questions that name less in common are about different things more often than not. */
const leastOverlap = 0.5

/** The first thing that forbids one answer for both; undefined when nothing does. */
export function differenceOf(one: Reading, other: Reading): Difference | undefined {
  if (one.script !== other.script) return 'language'
  if (one.negations !== other.negations) return 'polarity'
  if (!sameList(one.figures, other.figures)) return 'figures'
  if (!namesHold(one, other) || !namesHold(other, one)) return 'names'
  if (wantsOther(one.asked, other.asked)) return 'question'
  if (hasOtherTense(one, other)) return 'tense'
  if (one.role !== other.role && one.role && other.role) return 'direction'
  if (isTurned(one, other) || areNamesTurned(one, other) || isSwapped(one, other)) return 'direction'
  const [ours, theirs] = [onlyIn(one, other), onlyIn(other, one)]
  if (excludeEachOther(one, other)) return 'opposites'
  if (ours.some((term) => theirs.some((against) => isPrefixed(term, against)))) return 'opposites'
  // One says all that the other says, and more: it asks about a part.
  if ((ours.length === 0) !== (theirs.length === 0)) return 'scope'
  // One word of the same frame is another: "fire damage", "water damage". Words that mean the same are one term already.
  if (ours.length === 1 && theirs.length === 1) return 'word'
  // An embedder may say that they are near; of one paragraph most questions are.
  return overlapOf(one, other) < leastOverlap ? 'words' : undefined
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((each, at) => each === other[at])
}

/** Whether every name of one stands in the other, however it is written there. */
function namesHold(one: Reading, other: Reading): boolean {
  return one.names.every(
    (name) =>
      other.names.includes(name) ||
      name.split(/[^\p{L}\p{M}\d]+/u).every((part) => part === '' || other.words.has(part)) ||
      // An abbreviation of the tables, or a day of the week.
      one.concepts.some(({ term, row, start, end }) =>
        row !== undefined && one.folded.slice(start, end) === name ? other.terms.has(term) : false,
      ),
  )
}

/** Names that both have, in another order: "Does Maria report to Jonas?" Days and months may stand anywhere. */
function areNamesTurned(one: Reading, other: Reading): boolean {
  const known = new Set(
    one.concepts.flatMap(({ row, start, end }) => (row === undefined ? [] : one.folded.slice(start, end))),
  )
  const both = (mine: Reading, yours: Reading) =>
    [...new Set(mine.names)].filter((name) => yours.names.includes(name) && !known.has(name))
  return !sameList(both(one, other), both(other, one))
}

/** Whether two things have changed places and all others stand: "Do cats fear dogs?" Neighbours may: "supported by the app". */
function isSwapped({ named: one }: Reading, { named: other }: Reading): boolean {
  if (one.length !== other.length) return false
  const [first, second, ...more] = one.flatMap((term, at) => (term === other[at] ? [] : at))
  if (first === undefined || second === undefined || more.length > 0 || second - first < 2) return false
  return one[first] === other[second] && one[second] === other[first]
}

function hasOtherTense({ tense: one }: Reading, { tense: other }: Reading): boolean {
  if (one.future !== other.future) return true
  return (
    (one.past && !one.present && other.present && !other.past) ||
    (other.past && !other.present && one.present && !one.past)
  )
}

function onlyIn(one: Reading, other: Reading): string[] {
  return [...one.terms].filter((term) => !other.terms.has(term))
}

/** Whether both name things of one row, and not the same. */
function excludeEachOther(one: Reading, other: Reading): boolean {
  const [ours, theirs] = [byRow(one), byRow(other)]
  return [...ours].some(([row, terms]) => {
    const against = theirs.get(row)
    return against !== undefined && (terms.size !== against.size || [...terms].some((term) => !against.has(term)))
  })
}

function byRow({ concepts }: Reading): Map<string, Set<string>> {
  const rows = new Map<string, Set<string>>()
  for (const { term, row } of concepts) {
    if (row === undefined) continue
    const held = rows.get(row) ?? new Set()
    rows.set(row, held.add(term))
  }
  return rows
}

/** "eligible", "ineligible". */
function isPrefixed(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one]
  return (
    short.length > 3 &&
    /^(?:un|in|im|il|ir|non-?|dis|mis|de)$/.test(long.slice(0, long.length - short.length)) &&
    long.endsWith(short)
  )
}
