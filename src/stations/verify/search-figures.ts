// Looks for figures from which another one follows, in a bounded way: two of them, or three of a sum. Among many figures
// something always fits; a fit counts only where it could hardly come about by chance.

import type { Rational } from '../../calculate/rational.ts'
import type { Figure } from './figure.ts'
import { canBe, goTogether, work } from './operations.ts'
import type { Kind, Worked } from './operations.ts'

export interface Wanted {
  figure: Figure
  tolerance: Rational
  kinds: readonly Kind[]
  /** Results that may still be looked at, of all figures of the sentence. */
  budget: { left: number }
  /** Whether words of the sentence name the kinds. */
  named: boolean
}

/** Pairs are looked at in rings, each further away; more than this many figures of a ring are left out. */
const mostFigures = 32
/** How many fits chance may make where words name the kind, where only one result comes near, and where none does. */
const chances = { named: 0.08, lone: 0.25, unnamed: 0.02 }

/**
 * What the figure follows from, in the nearest ring that explains it: figures of the sentence itself (`own`), of the rows
 * that share most words with it (`best`), of all rows.
 */
export function explain(
  wanted: Wanted,
  own: readonly Figure[],
  best: readonly (readonly Figure[])[],
  rows: readonly (readonly Figure[])[],
): Worked | undefined {
  const nearest = best.flat().filter(tells).slice(0, mostFigures)
  const all = rows.flat().filter(tells).slice(0, mostFigures)
  const rings = [groups(own, own), sameRow(best), groups(own, nearest), groups(nearest, nearest)]
  // Without a word for it, figures from all over are no explanation.
  if (wanted.named) rings.push(sameRow(rows), groups(own, all), groups(all, all))
  for (const ring of rings) {
    const found = fit(wanted, ring)
    if (found) return found
  }
  return undefined
}

/** The one result that fits, unless so many lie near that one of them had to. */
function fit(
  { figure, tolerance, kinds, named, budget }: Wanted,
  candidates: Iterable<readonly Figure[]>,
): Worked | undefined {
  const said = Math.abs(figure.number)
  const window = tolerance.toNumber()
  let near = 0
  let fitting: { kind: Kind; from: readonly Figure[] } | undefined
  const results = new Set<number>()
  for (const from of candidates) {
    for (const kind of kinds) {
      if (kind !== 'sum' && kind !== 'average' && from.length > 2) continue
      if (--budget.left < 0) return undefined
      if (!goTogether(kind, from) || !canBe(figure, kind, from)) continue
      const result = quick(kind, from)
      if (!Number.isFinite(result) || result < said / 2 || result > said * 2 || results.has(result)) continue
      results.add(result)
      if (Math.abs(result - said) <= window * 1.0001) fitting ??= { kind, from }
      else near++
    }
  }
  const chance = (near + 1) * ((2 * window) / (1.5 * said))
  if (!fitting || chance > (!named ? chances.unnamed : near === 0 ? chances.lone : chances.named)) return undefined
  const worked = work(fitting.kind, fitting.from)
  if (!worked) return undefined
  const off = worked.value.absolute().minus(figure.value.absolute()).absolute()
  return off.compare(tolerance) <= 0 ? worked : undefined
}

/** The size of a result, without exactness: most of them are only counted. */
function quick(kind: Kind, from: readonly Figure[]): number {
  const [one, other] = [from[0]?.number ?? 0, from[1]?.number ?? 0]
  switch (kind) {
    case 'change':
      return Math.abs(((other - one) / one) * 100)
    case 'share':
      return (one / other) * 100
    case 'per':
    case 'times':
      return one / other
    case 'difference':
    case 'years':
      return Math.abs(other - one)
    case 'sum':
      return from.reduce((sum, { number }) => sum + number, 0)
    case 'average':
      return from.reduce((sum, { number }) => sum + number, 0) / from.length
  }
}

/** Ordered pairs, and threes where both sides are the same few. */
function* groups(left: readonly Figure[], right: readonly Figure[]): Generator<readonly Figure[]> {
  for (const one of left) {
    for (const other of right) {
      if (one.fact === other.fact) continue
      yield [one, other]
      if (left !== right) yield [other, one]
    }
  }
  if (left !== right || left.length > 8) return
  if (left.length > 3) yield left
  for (const [first, one] of left.entries())
    for (const [second, other] of left.entries())
      for (const third of second > first ? left.slice(second + 1) : []) yield [one, other, third]
}

function* sameRow(rows: readonly (readonly Figure[])[]): Generator<readonly Figure[]> {
  for (const row of rows) {
    const some = row.filter(tells).slice(0, 12)
    yield* groups(some, some)
  }
}

/** A bare digit of a passage is a footnote or a count of little: too many things follow from it. */
function tells({ class: of, number, fact }: Figure): boolean {
  return of !== 'plain' || fact.scaled || Math.abs(number) >= 10 || !Number.isInteger(number)
}
