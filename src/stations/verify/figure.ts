// A figure to calculate with: its exact value, what kind of thing it counts.

import { powerOfTen, Rational } from '../../calculate/rational.ts'
import type { NumberFact } from '../../text/entities.ts'

/** `year` is a number that reads like one; `points` are percentage points. */
export type FigureClass = 'plain' | 'money' | 'percent' | 'points' | 'year'

export interface Figure {
  fact: NumberFact
  /** As written, without space around it. */
  text: string
  value: Rational
  /** For a quick look. */
  number: number
  class: FigureClass
}

const two = Rational.of(2)
/** What comes before a year of long ago. */
const dated = /(?:\b(?:in|of|since|by|from|to|until|during|and|between|year|early|late|circa|c\.|ad)|[,(–-])\s*$/i
/** What follows a number that is no year. */
const counted =
  /^\s?(?:people|employees|shares|units|stores|men|women|students|members|times|days|hours|kg|km|m\b|tons?|tonnes|dollars?|euros?|yuan|万|亿|元|人|个|家|名|件|次|台|米|吨|只|所|座|天|种|位|户)/i

/**
 * The figure of a number in a text. `scale` is what the text says its figures are in: then bare ones count so many.
 */
export function figureOf(fact: NumberFact, text: string, scale?: number): Figure {
  const bareScale = scale !== undefined && !fact.scaled && !fact.percent ? scale : 1
  const before = text.slice(Math.max(0, fact.start - 4), fact.start)
  const after = text.slice(fact.end, fact.end + 12)
  const year =
    /^(?:1\d|20)\d\d$/.test(fact.text.trim()) &&
    !counted.test(after) &&
    (Number(fact.text) >= 1800 || dated.test(text.slice(Math.max(0, fact.start - 12), fact.start)))
  const money =
    /[$€£¥]|USD|EUR|CNY|RMB/.test(`${before}${fact.text}`) ||
    /^\s?(?:dollars?|euros?|pounds|美元|欧元|元|yuan)/i.test(after)
  const points = fact.percent && /^(?:age|个)?[\s-]*points?|^个?百分点/i.test(after)
  const value = Rational.fromNumber(fact.value).times(Rational.fromNumber(bareScale))
  return {
    fact,
    text: fact.text.trim(),
    value,
    number: fact.value * bareScale,
    class: points ? 'points' : fact.percent ? 'percent' : money ? 'money' : year ? 'year' : 'plain',
  }
}

/** How far from the figure that is said a result may be and still be written like it. */
export function toleranceOf(figure: Figure, rounded: boolean): Rational {
  const { fact, value } = figure
  const unit = unitOf(fact)
  if (!rounded || fact.digits < 2) return unit.over(two)
  // "About 1,990": the last digit that counts, a unit to either side.
  const counted = powerOfTen(value.magnitude() - fact.digits + 1)
  return counted.compare(unit) > 0 ? counted : unit
}

/** A value written like a figure: the same scale, sign of percent or money, and digits. */
export function writtenLike(figure: Figure, value: Rational): string {
  const { fact, text } = figure
  const digits = /\d[\d,]*(?:\.\d+)?/.exec(text)?.[0]
  const scale = scaleOf(fact)
  if (digits === undefined) return value.round(2).toText()
  const shown = value.absolute().over(scale).toFixed(decimalsOf(fact))
  const [whole = '0', part] = shown.split('.')
  const separated = digits.includes(',') || (whole.length > 3 && !/^\d{4,}/.test(digits))
  const grouped = separated ? whole.replace(/\B(?=(?:\d{3})+$)/g, ',') : whole
  return text.replace(digits, part === undefined ? grouped : `${grouped}.${part}`)
}

/** What the last digit is worth. */
function unitOf(fact: NumberFact): Rational {
  return scaleOf(fact).times(powerOfTen(-decimalsOf(fact)))
}

function decimalsOf(fact: NumberFact): number {
  return /\d\.(\d+)/.exec(fact.text)?.[1]?.length ?? 0
}

/** What one of the figure's own digits before the point counts: a million of "1.5 million". */
function scaleOf(fact: NumberFact): Rational {
  const digits = /\d[\d,]*(?:\.\d+)?/.exec(fact.text)?.[0]
  if (digits === undefined) return Rational.one
  const bare = Rational.parse(digits.replaceAll(',', ''))
  return bare.sign === 0 ? Rational.one : Rational.fromNumber(fact.value).over(bare)
}
