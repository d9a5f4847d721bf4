// The figures of one sentence, worked out again: what it says outright is recomputed, and what stands in no passage is
// looked for among results of the figures that do. Dates are counted as days.

import { calendarDifference, dayNumber, isDay } from '../../calculate/civil.ts'
import type { Day } from '../../calculate/civil.ts'
import { Rational } from '../../calculate/rational.ts'
import type { RecomputedFigure } from '../../core/question.ts'
import { sameNumber } from '../../text/entities.ts'
import type { DateFact, NumberFact } from '../../text/entities.ts'
import { kindsOf, nameOf } from './cues.ts'
import { figureOf, toleranceOf, writtenLike } from './figure.ts'
import type { Figure } from './figure.ts'
import { work } from './operations.ts'
import type { Worked } from './operations.ts'
import { explain } from './search-figures.ts'
import { equationFor, statementsIn } from './statements.ts'
import type { Claim, Source } from './support.ts'
import { standTogether } from './together.ts'

/** What came of the figures of a sentence. */
export interface Recomputed {
  figures: RecomputedFigure[]
  /** Those that follow from the passages though they do not stand there. */
  explained: Set<NumberFact>
  /** Those that are wrong, with a sentence for a person. */
  wrong: Map<NumberFact, string>
  /** It is nothing but arithmetic that is right. */
  pure: boolean
}

/** Sources are looked at by rows; those that share most words with the sentence come first, and more are left out. */
const mostRows = 24
const mostBest = 4
const ofArithmetic =
  /^(?:plus|minus|times|multiplied|divided|equals?|result|answer|加上?|减去?|乘以?|除以|等于|结果|答案)$/i
/** Figures of a sentence that are looked for, those they may follow from, and results that are tried for all. */
const mostSearched = 12
const mostOwn = 12
const mostResults = 24_000

/**
 * Works the figures of a sentence out again. `held` tells whether a figure stands in the sources as it is: only others
 * can be wrong or need an explanation.
 */
export function recompute(
  sentence: string,
  claim: Claim,
  sources: readonly Source[],
  held: (number: NumberFact) => boolean,
): Recomputed {
  const result: Recomputed = { figures: [], explained: new Set(), wrong: new Map(), pure: false }
  const numbers = claim.facts.numbers.filter(({ weak }) => !weak)
  if (numbers.length === 0) return result
  const figures = numbers.map((number) => figureOf(number, sentence))
  const known = new Map(figures.map((figure) => [figure, held(figure.fact)]))
  const statements = statementsIn(sentence, figures)
  const own = figures.filter((figure) => known.get(figure)).slice(0, mostOwn)
  const budget = { left: mostResults }
  let rows: [best: Figure[][], all: Figure[][]] | undefined
  let searched = 0

  for (const figure of figures) {
    const isKnown = known.get(figure) === true
    const tolerance = toleranceOf(figure, claim.rounded)
    const agrees = (value: Rational): boolean =>
      value.absolute().minus(figure.value.absolute()).absolute().compare(tolerance) <= 0
    const add = (outcome: RecomputedFigure['outcome'], more: Partial<RecomputedFigure>): void => {
      const { start, end, text } = spanOf(figure.fact)
      result.figures.push({ start, end, said: text, outcome, ...more })
    }
    const accept = (worked: Pick<Worked, 'value' | 'sum'>): void => {
      if (!isKnown) result.explained.add(figure.fact)
      const computed = writtenLike(figure, worked.value)
      add('agrees', { computed, sum: summed(worked, figure, computed) })
    }
    const refuse = (worked: Pick<Worked, 'value' | 'sum'>): void => {
      const computed = writtenLike(figure, worked.value)
      add('differs', { computed, sum: summed(worked, figure, computed) })
      result.wrong.set(figure.fact, `It says ${figure.text}, but ${summed(worked, figure, computed)}.`)
    }

    const equation = equationFor(figure, sentence)
    if (equation) {
      // Nothing but arithmetic needs no passage.
      const words = claim.words.filter(({ text }) => !/\d/.test(text) && !ofArithmetic.test(text))
      if (agrees(equation.value) && words.length === 0) {
        result.pure = true
        for (const { fact } of figures) result.explained.add(fact)
      }
      if (agrees(equation.value)) accept(equation)
      else {
        const at = sentence.lastIndexOf(equation.sum, figure.fact.start)
        const terms = figures.filter(({ fact }) => fact.start >= at && fact.end <= figure.fact.start)
        if (!isKnown || !together(figure, terms, sources)) refuse(equation)
      }
      continue
    }
    const days = durationOf(figure, sentence, claim.facts.dates)
    if (days) {
      if (days.agrees) accept(days)
      else if (!isKnown) refuse(days)
      continue
    }
    const statement = statements.find((one) => one.figure === figure)
    if (statement?.from.every((one) => known.get(one))) {
      const ways = precise(statement.from, sources).flatMap((from) => work(statement.kind, from) ?? [])
      const right = ways.find(({ value }) => agrees(value))
      if (right) accept(right)
      // A document may have worked it out in its own way, where it has the figures too.
      const theirs = isKnown && together(figure, statement.from, sources)
      if (!right && !theirs && ways[0]) refuse(ways[0])
      if (right || (!theirs && ways[0])) continue
    }
    if (isKnown || searched >= mostSearched) continue
    searched++

    const { said, possible } = kindsOf(figure, sentence)
    rows ??= rowsOf(claim, sources)
    const wanted = { figure, tolerance, budget }
    const worked =
      (said.length > 0 ? explain({ ...wanted, kinds: said, named: true }, own, ...rows) : undefined) ??
      (possible.length > 0 ? explain({ ...wanted, kinds: possible, named: false }, own, ...rows) : undefined)
    if (worked) accept(worked)
    else if (said[0] && said[0] !== 'years')
      add('unchecked', { reason: `No figures were found from which this ${nameOf[said[0]]} follows.` })
  }
  return result
}

/** Whether a source has a figure beside those that it is said to follow from. */
function together({ fact }: Figure, from: readonly Figure[], sources: readonly Source[]): boolean {
  return standTogether([fact, ...from.map((one) => one.fact)], sources)
}

/** Figures of the sources, by the row or sentence they stand in: of those that share most words with the claim, and of all. */
function rowsOf(claim: Claim, sources: readonly Source[]): [best: Figure[][], all: Figure[][]] {
  const rows: { figures: Figure[]; shared: number }[] = []
  for (const source of sources) {
    for (const row of figureRows(source)) {
      const shared = claim.words.filter(
        ({ term, text }) => row.terms.has(term) || (/\p{Script=Han}/u.test(text) && row.text.includes(text)),
      ).length
      if (row.figures.length > 0) rows.push({ figures: row.figures, shared })
    }
  }
  rows.sort((one, other) => other.shared - one.shared)
  const most = rows[0]?.shared ?? 0
  const best = rows.filter(({ shared }) => shared > 0 && shared * 2 > most)
  return [best.slice(0, mostBest).map(({ figures }) => figures), rows.slice(0, mostRows).map(({ figures }) => figures)]
}

interface Row {
  figures: Figure[]
  terms: ReadonlySet<string>
  text: string
}

const rowsOfSources = new WeakMap<Source, Row[]>()

/** The rows of a source with their figures; they are kept as long as it is. */
function figureRows(source: Source): Row[] {
  const kept = rowsOfSources.get(source)
  if (kept) return kept
  const offset = source.whole.length - source.passage.text.length
  const figures = source.facts.numbers
    .filter(({ weak }) => !weak)
    .map((number) => figureOf(number, source.whole, source.scale))
  const rows = source.sentences.map(({ start, end, terms, text }) => ({
    figures: figures.filter(({ fact }) => fact.start >= start + offset && fact.end <= end + offset),
    terms,
    text,
  }))
  rowsOfSources.set(source, rows)
  return rows
}

/** A number of days, weeks, months or years that follows two whole dates of the sentence. */
function durationOf(
  figure: Figure,
  sentence: string,
  dates: readonly DateFact[],
): (Pick<Worked, 'value' | 'sum'> & { agrees: boolean }) | undefined {
  const whole = dates.filter(
    (date): date is DateFact & Day =>
      date.day !== undefined && isDay({ year: date.year ?? 0, month: date.month ?? 0, day: date.day }),
  )
  const [one, other] = whole
  if (!one || !other || whole.length !== 2 || one.swapped || other.swapped || !figure.value.isWhole) return undefined
  const unit = /^[\s-]?(days?|weeks?|months?|years?)\b|^\s?个?(天|日|周|星期|月|年)/i.exec(
    sentence.slice(figure.fact.end),
  )
  const between = sentence.slice(one.end, other.start)
  const asRange =
    /^\s*(?:[-–—~]|to|until|till|through|and|至|到|与|和)\s*$/i.test(between) &&
    /(?:\b(?:from|between)|从|自|在)\s*$|^/i.test(sentence.slice(0, one.start))
  if (!unit || !asRange) return undefined
  const [from, to] = dayNumber(one) <= dayNumber(other) ? [one, other] : [other, one]
  const days = dayNumber(to) - dayNumber(from)
  const { years, months } = calendarDifference(from, to)
  const said = Number(figure.value.numerator)
  const name = (unit[1] ?? unit[2] ?? '').toLowerCase()
  const sum = `${other.text} − ${one.text}`
  const of = /^(?:day|天|日)/.test(name)
    ? { value: days, near: 1 }
    : /^(?:week|周|星期)/.test(name)
      ? { value: Math.round(days / 7), near: days % 7 === 0 ? 0 : 1 }
      : /^(?:month|月)/.test(name)
        ? { value: years * 12 + months, near: 1 }
        : { value: years, near: 1 }
  // Both ends may be counted, and a year that is nearly full.
  return { value: Rational.of(of.value), sum, agrees: Math.abs(said - of.value) <= of.near }
}

/**
 * The figures of a statement as the sources have them, where it rounds them: each way to read them, the closest first.
 */
function precise(from: readonly Figure[], sources: readonly Source[]): Figure[][] {
  let ways: Figure[][] = [[]]
  for (const figure of from) {
    const readings = new Map<string, Figure>()
    for (const source of sources) {
      for (const row of figureRows(source)) {
        for (const other of row.figures) {
          const same = sameNumber(figure.fact, other.fact, {
            rounded: true,
            ...(source.scale === undefined ? {} : { scale: source.scale }),
          })
          if (same) readings.set(other.value.toText(), other)
        }
      }
    }
    // The very figure, or what it was rounded from.
    const exact = [...readings.values()].some(({ value }) => value.equals(figure.value))
    const known = exact || readings.size === 0 ? [figure] : [...readings.values()].slice(0, 3)
    ways = ways.flatMap((way) => known.map((reading) => [...way, reading])).slice(0, 16)
  }
  return ways
}

/** `112.3 − 100 = 12.3`, with ≈ where the result was rounded. */
function summed({ value, sum }: Pick<Worked, 'value' | 'sum'>, figure: Figure, computed: string): string {
  const shown = figure.class === 'points' ? computed.replace(/percent$/, '%') : computed
  const rounded = toleranceOf(figure, false)
  const exact = value.absolute().equals(value.absolute().over(rounded).round().times(rounded))
  return `${sum} ${exact ? '=' : '≈'} ${shown}`
}

/** Without the white space that a pattern may have taken along. */
function spanOf({ start, text }: NumberFact): { start: number; end: number; text: string } {
  const trimmed = text.trim()
  const from = start + text.indexOf(trimmed)
  return { start: from, end: from + trimmed.length, text: trimmed }
}
