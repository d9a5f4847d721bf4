// An answer may have several versions: each is a question and its answer at the end of the session, marked with the first
// of them. What follows in the conversation leans on the newest one, in the place where the first one stood.

import type { Turn } from '../core/question.ts'

/** The conversation with only the newest version of each answer, in the place of its first. */
export function newestVersions(turns: readonly Turn[]): Turn[] {
  const originals = originalsOf(turns)
  const newest = new Map<string, { answerId: string; turns: Turn[] }>()
  for (const turn of turns) {
    const { answerId } = turn
    if (answerId === undefined) continue
    const original = originals.get(answerId) ?? answerId
    const version = newest.get(original)
    if (version?.answerId === answerId) version.turns.push(turn)
    else newest.set(original, { answerId, turns: [turn] })
  }
  const placed = new Set<string>()
  return turns.flatMap((turn) => {
    if (turn.answerId === undefined) return [turn]
    const original = originals.get(turn.answerId) ?? turn.answerId
    if (placed.has(original)) return []
    placed.add(original)
    return newest.get(original)?.turns ?? []
  })
}

/** The first version of an answer, however long the chain of versions to it; undefined when the answer is not there. */
export function originalOf(turns: readonly Turn[], answerId: string): string | undefined {
  if (!turns.some((turn) => turn.answerId === answerId)) return undefined
  return originalsOf(turns).get(answerId) ?? answerId
}

/** Where the first version of the answer stands that a turn belongs to: the place of its first turn. */
export function placeOf(turns: readonly Turn[], turn: Turn): number {
  if (turn.answerId === undefined) return turns.indexOf(turn)
  const original = originalOf(turns, turn.answerId)
  return turns.findIndex(({ answerId }) => answerId === original)
}

/** The turns before an answer, given by its first version, each in its newest. */
export function turnsBefore(turns: readonly Turn[], original: string): Turn[] {
  const originals = originalsOf(turns)
  const newest = newestVersions(turns)
  const at = newest.findIndex(({ answerId = '' }) => (originals.get(answerId) ?? answerId) === original)
  return at < 0 ? newest : newest.slice(0, at)
}

/** The first version of each answer that is another one's version. */
function originalsOf(turns: readonly Turn[]): Map<string, string> {
  const versionOf = new Map<string, string>()
  for (const turn of turns)
    if (turn.answerId !== undefined && turn.versionOf !== undefined) versionOf.set(turn.answerId, turn.versionOf)
  const originals = new Map<string, string>()
  for (const [answerId, former] of versionOf) {
    let original = former
    // A history comes from a caller, and might go in a circle.
    const seen = new Set([answerId])
    for (
      let next = versionOf.get(original);
      next !== undefined && !seen.has(original);
      next = versionOf.get(original)
    ) {
      seen.add(original)
      original = next
    }
    originals.set(answerId, original)
  }
  return originals
}
