// What a text calls a day, a month, a quarter or a year, as first and last day: "3 March 2024", "2024年3月", "Q3 2023",
// "2023年第三季度", "FY2023".

import { AndonError } from '../core/errors.ts'
import { datesIn } from '../text/date-facts.ts'
import { addMonths, dayNumber, dayOf, daysInMonth, isDay, isoDay } from './civil.ts'
import type { Day } from './civil.ts'

/** A stretch of days. Offsets count UTF-16 units. */
export interface Period {
  kind: 'day' | 'month' | 'quarter' | 'half' | 'year' | 'fiscal-year'
  first: Day
  last: Day
  /** `2024-03-03`, `2024-03`, `2024-Q3`, `2024-H1`, `2024`, `FY2024`. */
  iso: string
  /** The other day it may mean: 3/4/2024. */
  other?: Day
}

/** A period that stands in a text. */
export interface PeriodFact extends Period {
  start: number
  end: number
  text: string
}

const ordinals: Record<string, number> = {
  first: 1,
  second: 2,
  third: 3,
  fourth: 4,
  '1st': 1,
  '2nd': 2,
  '3rd': 3,
  '4th': 4,
  一: 1,
  二: 2,
  三: 3,
  四: 4,
  上: 1,
  下: 2,
}
const ordinal = '(?<ordinal>first|second|third|fourth|1st|2nd|3rd|4th)'
const year = '(?<year>(?:19|20|21)\\d{2})(?!\\d)'
const shortYear = "(?<year>(?:19|20|21)\\d{2}|['’]\\d{2})(?!\\d)"
const patterns: readonly [Period['kind'], RegExp][] = [
  [
    'quarter',
    new RegExp(
      `\\b(?:Q(?<digit>[1-4])|(?<digit2>[1-4])Q)[\\s,/-]*(?:of\\s+)?(?:FY\\s?|fiscal\\s+(?:year\\s+)?)?${shortYear}`,
      'gi',
    ),
  ],
  ['quarter', new RegExp(`(?<![\\d.])${year}[\\s,/-]*Q(?<digit>[1-4])\\b`, 'gi')],
  [
    'quarter',
    new RegExp(
      `\\b${ordinal}[\\s-]quarter(?:\\s+of|,)?\\s+(?:the\\s+)?(?:FY\\s?|fiscal\\s+(?:year\\s+)?)?(?:year\\s+)?${year}`,
      'gi',
    ),
  ],
  ['quarter', new RegExp(`${year}\\s*(?:财)?年?\\s*第?(?<ordinal>[一二三四1-4])季度?`, 'g')],
  ['half', new RegExp(`\\bH(?<digit>[12])[\\s,/-]*(?:of\\s+)?(?:FY\\s?)?${year}`, 'gi')],
  ['half', new RegExp(`\\b${ordinal}[\\s-]half(?:\\s+of|,)?\\s+(?:the\\s+)?(?:fiscal\\s+)?(?:year\\s+)?${year}`, 'gi')],
  ['half', new RegExp(`${year}\\s*年?\\s*(?<ordinal>[上下])半年`, 'g')],
  ['fiscal-year', new RegExp(`\\b(?:FY|fiscal(?:\\s+year)?)[\\s'’-]*(?<year>(?:19|20|21)\\d{2}|\\d{2})(?!\\d)`, 'gi')],
  ['fiscal-year', new RegExp(`${year}\\s*(?:财年|会计年度|财政年度)`, 'g')],
]

/** A quick look: most sentences have none. */
const mayHave = /\b(?:Q[1-4]|[1-4]Q|H[12])|quarter|half|fiscal|FY|季|半年|财|会计年度/i

/** Quarters, halves and fiscal years of a text, in order. Fold Chinese before. */
export function periodsIn(text: string): PeriodFact[] {
  const found: PeriodFact[] = []
  if (!mayHave.test(text)) return found
  for (const [kind, pattern] of patterns) {
    for (const match of text.matchAll(pattern)) {
      const fact = { start: match.index, end: match.index + match[0].length, text: match[0] }
      if (found.some((other) => other.start < fact.end && fact.start < other.end)) continue
      const { digit, digit2, ordinal: named, year: said = '' } = match.groups ?? {}
      const number = Number(digit ?? digit2 ?? ordinals[named?.toLowerCase() ?? ''] ?? named ?? 1)
      const full = said.length === 4 ? Number(said) : 2000 + Number(said.slice(-2))
      if (kind === 'half' && number > 2) continue
      found.push({ ...fact, ...periodOf(kind, full, number) })
    }
  }
  return found.sort((one, other) => one.start - other.start)
}

/**
 * Reads a text that is a date or a period, relative words among them ("today", 明天), which are counted from `today`.
 * Throws `invalid` for anything else. A fiscal year is taken for the calendar year of its number, as each company has its own.
 */
export function readPeriod(text: string, today: Day, order: 'mdy' | 'dmy' = 'mdy'): Period {
  const bare = text.trim().replace(/[.。]$/, '')
  const relative: Record<string, number> = {
    today: 0,
    今天: 0,
    今日: 0,
    tomorrow: 1,
    明天: 1,
    yesterday: -1,
    昨天: -1,
    后天: 2,
    前天: -2,
  }
  const shift = relative[bare.toLowerCase()]
  if (shift !== undefined) return dayPeriod(dayOf(dayNumber(today) + shift))
  const [period] = periodsIn(bare)
  if (period && period.text.length >= bare.length - 1) {
    const { start: _start, end: _end, text: _text, ...rest } = period
    return rest
  }
  const alone = /^(\d{4})\s*年?$/.exec(bare)?.[1]
  if (alone !== undefined) return periodOf('year', Number(alone), 1)
  const month = /^(\d{4})[-/.](\d{1,2})$/.exec(bare)
  if (month) return monthPeriod(Number(month[1]), Number(month[2]), text)
  const digits = /^(\d{4})(?:(\d{2})(\d{2})|[-/.](\d{1,2})[-/.](\d{1,2}))$/.exec(bare)
  if (digits)
    return checked(
      { year: Number(digits[1]), month: Number(digits[2] ?? digits[4]), day: Number(digits[3] ?? digits[5]) },
      text,
    )
  // "Sunday, 3 March 2024", "3-Mar-2024", "2024-03-03".
  const prepared = bare
    .replace(/^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+/i, '')
    .replace(/\b(\d{1,2})-([A-Za-z]{3,9})-(\d{4})\b/, '$1 $2 $3')
    .replace(/\s*(?:星期|周|礼拜)[一二三四五六日天]$/, '')
  const [fact] = datesIn(prepared)
  if (!fact || fact.text.length < prepared.trim().length - 1 || fact.year === undefined)
    throw new AndonError(
      'invalid',
      `"${text.slice(0, 60)}" is no date that is understood: write it like 2024-03-05, with its year.`,
    )
  if (fact.month === undefined) return periodOf('year', fact.year, 1)
  if (fact.day === undefined) return monthPeriod(fact.year, fact.month, text)
  const day = { year: fact.year, month: fact.month, day: fact.day }
  if (!fact.swapped || fact.month === fact.day) return checked(day, text)
  const turned = { year: fact.year, month: fact.day, day: fact.month }
  return order === 'mdy' ? { ...checked(day, text), other: turned } : { ...checked(turned, text), other: day }
}

function periodOf(kind: Period['kind'], year: number, number: number): Period {
  const months = kind === 'quarter' ? 3 : kind === 'half' ? 6 : 12
  const first = { year, month: (number - 1) * months + 1, day: 1 }
  const last = dayOf(dayNumber(addMonths(first, months)) - 1)
  const name = kind === 'quarter' ? `${year}-Q${number}` : kind === 'half' ? `${year}-H${number}` : String(year)
  return { kind, first, last, iso: kind === 'fiscal-year' ? `FY${name}` : name }
}

function monthPeriod(year: number, month: number, text: string): Period {
  const { first } = checked({ year, month, day: 1 }, text)
  return { kind: 'month', first, last: { year, month, day: daysInMonth(year, month) }, iso: isoDay(first).slice(0, 7) }
}

function dayPeriod(day: Day): Period {
  return { kind: 'day', first: day, last: day, iso: isoDay(day) }
}

function checked(day: Day, text: string): Period {
  if (isDay(day)) return dayPeriod(day)
  throw new AndonError(
    'invalid',
    `There is no day ${isoDay(day)}, as "${text.slice(0, 60)}" would be: check month and day.`,
  )
}
