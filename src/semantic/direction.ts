// Which way a question goes: what stands after "from" and what after "to", who comes before whom.

import type { Concept } from './concepts.ts'

/** Words that say on which side of something a thing stands, by what they are compared as. */
const markers: readonly (readonly [string, RegExp])[] = [
  ['from', /\bfrom\b|从|由|自/g],
  ['to', /\b(?:to|into|onto|towards?)\b|到|至|往|向|给|换成|转成|转为|成为/g],
  ['than', /\bthan\b|比/g],
  ['by', /\bby\b|被/g],
]
/** What stands after each marker. */
export type Direction = ReadonlyMap<string, ReadonlySet<string>>

/** Expects the folded text and its concepts. */
export function directionOf(folded: string, concepts: readonly Concept[]): Direction {
  const places = markers
    .flatMap(([name, pattern]) =>
      Array.from(folded.matchAll(pattern), ({ index, 0: { length } }) => ({ name, start: index, end: index + length })),
    )
    .sort((one, other) => one.start - other.start)
  const direction = new Map<string, Set<string>>()
  for (const [at, { name, end }] of places.entries()) {
    const until = places[at + 1]?.start ?? folded.length
    const after = concepts.find((concept) => !concept.filler && concept.start >= end && concept.start < until)
    const held = direction.get(name) ?? new Set()
    if (after) held.add(after.term)
    direction.set(name, held)
  }
  return direction
}

/** Whether two questions name the same things and turn them round. */
export function isTurned(
  one: { direction: Direction; terms: ReadonlySet<string> },
  other: { direction: Direction; terms: ReadonlySet<string> },
): boolean {
  for (const [marker, ours] of one.direction) {
    const theirs = other.direction.get(marker) ?? new Set()
    const gone = [...ours].filter((term) => !theirs.has(term) && other.terms.has(term))
    const come = [...theirs].filter((term) => !ours.has(term) && one.terms.has(term))
    if (gone.length > 0 && come.length > 0) return true
  }
  const [ourFrom, ourTo] = [one.direction.get('from'), one.direction.get('to')]
  const [theirFrom, theirTo] = [other.direction.get('from'), other.direction.get('to')]
  return crosses(ourFrom, theirTo, ourTo) || crosses(theirFrom, ourTo, theirTo)
}

/** Whether what came from somewhere in one question goes there in the other. */
function crosses(
  from: ReadonlySet<string> | undefined,
  to: ReadonlySet<string> | undefined,
  besides: ReadonlySet<string> | undefined,
): boolean {
  return [...(from ?? [])].some((term) => to?.has(term) && !besides?.has(term))
}
