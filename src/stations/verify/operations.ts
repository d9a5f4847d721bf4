// How one figure can follow from others: the operations that sentences make, each with how it is said to a person.

import { Rational } from '../../calculate/rational.ts'
import type { Figure } from './figure.ts'

/** What a figure says it is. */
export type Kind = 'change' | 'share' | 'difference' | 'sum' | 'average' | 'per' | 'times' | 'years'

/** A result, and the sum that leads to it, without its last part. */
export interface Worked {
  value: Rational
  /** "112.3 − 100" */
  sum: string
  from: readonly Figure[]
}

const hundred = Rational.of(100)

/** Works one kind out over the figures in their order; undefined where it makes no sense. */
export function work(kind: Kind, from: readonly Figure[]): Worked | undefined {
  const [one, other] = from
  if (!one || !other || !goTogether(kind, from)) return undefined
  const done = (value: Rational, sum: string): Worked => ({ value, sum, from })
  switch (kind) {
    case 'change':
      if (one.value.sign === 0) return undefined
      return done(
        other.value.minus(one.value).over(one.value).times(hundred),
        `(${other.text} − ${one.text}) ÷ ${one.text}`,
      )
    case 'share':
      return other.value.sign === 0
        ? undefined
        : done(one.value.over(other.value).times(hundred), `${one.text} ÷ ${other.text}`)
    case 'per':
    case 'times':
      return other.value.sign === 0 ? undefined : done(one.value.over(other.value), `${one.text} ÷ ${other.text}`)
    case 'difference':
    case 'years':
      return done(other.value.minus(one.value).absolute(), larger(one, other))
    case 'sum':
      return done(total(from), from.map(({ text }) => text).join(' + '))
    case 'average':
      return done(
        total(from).over(Rational.of(from.length)),
        `(${from.map(({ text }) => text).join(' + ')}) ÷ ${from.length}`,
      )
  }
}

/** Whether a result can be what a figure says: percents come of percents or of a division, and nothing is all of a sum. */
export function canBe(figure: Figure, kind: Kind, from: readonly Figure[]): boolean {
  const [asPercent, ofPercents] = [isShare(figure), from.some(isShare)]
  if (kind === 'change' || kind === 'share') return asPercent && !ofPercents
  if (kind === 'per' || kind === 'times') return !asPercent
  if (asPercent !== ofPercents) return false
  const least = Math.abs(figure.number) / 100
  return kind === 'years' || kind === 'average' || from.every(({ number }) => Math.abs(number) >= least)
}

function isShare({ class: of }: Figure): boolean {
  return of === 'percent' || of === 'points'
}

/** Whether figures can stand in one operation: percents with percents, years with years, and no year with anything else. */
export function goTogether(kind: Kind, from: readonly Figure[]): boolean {
  const years = from.filter(({ class: of }) => of === 'year').length
  if (kind === 'years') return years === from.length
  if (years > 0) return false
  const percents = from.filter(({ class: of }) => of === 'percent' || of === 'points').length
  if (percents > 0 && percents < from.length) return false
  // Money goes with a bare figure: a table names its currency once.
  return percents === 0 || (kind !== 'share' && kind !== 'per')
}

function total(figures: readonly Figure[]): Rational {
  return figures.reduce((sum, { value }) => sum.plus(value), Rational.zero)
}

function larger(one: Figure, other: Figure): string {
  return other.value.compare(one.value) >= 0 ? `${other.text} − ${one.text}` : `${one.text} − ${other.text}`
}
