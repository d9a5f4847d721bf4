// Dates in a text, in English and Chinese, as year, month and day, so that "5 March 2019", "2019-03-05" and
// "二〇一九年三月五日" are the same.

import { numbersIn } from './number-facts.ts'

/** A date that stands in a text: at least two of its parts, or a Chinese year. Offsets count UTF-16 units. */
export interface DateFact {
  start: number
  end: number
  text: string
  year?: number
  /** 1 to 12. */
  month?: number
  day?: number
  /** Of 3/4/2019: the other way to read it. */
  swapped?: boolean
}

const months = 'january february march april may june july august september october november december'.split(' ')
const monthPattern = `(?<month>${months.map((month) => `${month.slice(0, 3)}(?:${month.slice(3)})?`).join('|')}|sept)\\.?`
const english = [
  new RegExp(
    `\\b(?<day>\\d{1,2})(?:st|nd|rd|th)?\\s+(?:of\\s+)?${monthPattern}(?![a-z])(?:,?\\s+(?<year>\\d{4}))?(?!\\d)`,
    'gi',
  ),
  new RegExp(
    `\\b${monthPattern}\\s+(?<day>\\d{1,2})(?:st|nd|rd|th)?(?![\\d%])(?:\\s*,?\\s+(?<year>\\d{4})(?!\\d))?`,
    'gi',
  ),
  new RegExp(`\\b${monthPattern}(?:\\s+of)?,?\\s+(?<year>\\d{4})(?!\\d)`, 'gi'),
]
const digits = '[\\d零〇一二三四五六七八九十]'
const chinese = [
  new RegExp(
    `(?<year>[\\d零〇一二三四五六七八九]{4})\\s*年(?:\\s*(?<month>${digits}{1,3})\\s*月份?)?(?:\\s*(?<day>${digits}{1,3})\\s*[日号])?`,
    'g',
  ),
  new RegExp(`(?<month>${digits}{1,3})\\s*月\\s*(?<day>${digits}{1,3})\\s*[日号]`, 'g'),
]
const numeric = /(?<![\d./-])(?<year>\d{4})[-/.](?<month>\d{1,2})[-/.](?<day>\d{1,2})(?![\d./-]\d)/g
const slashed = /(?<![\d./-])(?<month>\d{1,2})[/.](?<day>\d{1,2})[/.](?<year>\d{4})(?!\d)/g

/** Dates of a text in order, none inside another. A bare year of English text is a number, not a date. */
export function datesIn(text: string): DateFact[] {
  const found: DateFact[] = []
  for (const pattern of [numeric, slashed, ...english, ...chinese]) {
    for (const match of text.matchAll(pattern)) {
      const fact = factOf(match)
      if (!fact) continue
      if (pattern === slashed && (fact.month ?? 0) <= 12 && (fact.day ?? 0) <= 12) fact.swapped = true
      if (!found.some((other) => other.start < fact.end && fact.start < other.end)) found.push(fact)
    }
  }
  return found.sort((one, other) => one.start - other.start)
}

/**
 * Whether a date of an answer agrees with a date of a passage: every part the answer names must be in the passage's
 * date, except that its year may stand elsewhere in the passage (`years`), as in a report that says it once.
 */
export function sameDate(claim: DateFact, evidence: DateFact, years: ReadonlySet<number>): boolean {
  const agrees = (month: number | undefined, day: number | undefined): boolean =>
    (claim.month === undefined || claim.month === month) && (claim.day === undefined || claim.day === day)
  const yearHolds =
    claim.year === undefined || claim.year === evidence.year || (evidence.year === undefined && years.has(claim.year))
  if (!yearHolds) return false
  return (
    agrees(evidence.month, evidence.day) ||
    (evidence.swapped === true && agrees(evidence.day, evidence.month)) ||
    (claim.swapped === true && claim.month === evidence.day && claim.day === evidence.month)
  )
}

function factOf(match: RegExpExecArray): DateFact | undefined {
  const groups = match.groups ?? {}
  const fact: DateFact = { start: match.index, end: match.index + match[0].length, text: match[0] }
  const year = whole(groups.year)
  const day = whole(groups.day)
  let month: number | undefined
  if (groups.month !== undefined) {
    const named = months.findIndex((name) => name.startsWith(groups.month?.toLowerCase().slice(0, 3) ?? '-'))
    month = named >= 0 ? named + 1 : whole(groups.month)
  }
  if (year !== undefined) fact.year = year
  if (month !== undefined) fact.month = month
  if (day !== undefined) fact.day = day
  if ((month ?? 1) < 1 || (day ?? 1) < 1 || (day ?? 1) > 31 || ((month ?? 1) > 12 && (day ?? 13) > 12)) return undefined
  if ((fact.month ?? 0) > 12) {
    // 25/12/2019 can only be read one way.
    fact.month = day ?? 1
    fact.day = month ?? 1
  }
  return fact
}

function whole(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  return /^\d+$/.test(text) ? Number(text) : numbersIn(text)[0]?.value
}
