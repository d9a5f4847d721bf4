// The tool `date_time`: today, and what lies between, before and after dates, for models, which have no calendar.

import { z } from 'zod'
import {
  addBusinessDays,
  addMonths,
  businessDaysBetween,
  calendarDifference,
  dayNumber,
  dayOf,
  isoDay,
  weekdayOf,
} from '../../calculate/civil.ts'
import type { Day } from '../../calculate/civil.ts'
import { readPeriod } from '../../calculate/periods.ts'
import type { Period } from '../../calculate/periods.ts'
import {
  clockAt,
  isoMoment,
  isoOffset,
  isoTime,
  momentOf,
  offsetAt,
  splitTime,
  zoneNamed,
} from '../../calculate/zones.ts'
import { AndonError } from '../../core/errors.ts'
import { defineTool } from '../definition.ts'

const amounts = ['years', 'months', 'weeks', 'days', 'businessDays', 'hours', 'minutes'] as const
const input = z.object({
  operation: z
    .enum(['now', 'parse', 'difference', 'add', 'convert'])
    .describe(
      'now: date and time in zone. parse: a date or period in any notation. difference: from date to end. add: amounts to date. convert: date with time from zone to toZone.',
    ),
  date: z
    .string()
    .max(100)
    .optional()
    .describe('Like 2024-03-05, "5 March 2024, 2:30 pm", 2024年3月5日, Q3 2023, today'),
  end: z.string().max(100).optional().describe('Of difference: the later date'),
  years: z.int().optional(),
  months: z.int().optional(),
  weeks: z.int().optional(),
  days: z.int().optional().describe('Of add; below zero to go back'),
  businessDays: z.int().optional().describe('Mondays to Fridays; holidays are not known'),
  hours: z.int().optional(),
  minutes: z.int().optional(),
  zone: z.string().max(60).optional().describe('Like Europe/Berlin, Tokyo or +08:00. Default UTC'),
  toZone: z.string().max(60).optional().describe('Of convert'),
  order: z.enum(['mdy', 'dmy']).optional().describe('How 3/4/2024 is read. Default mdy'),
})
type Input = z.infer<typeof input>

export const date_time = defineTool(
  {
    title: 'Date and time',
    description:
      'Tells the date and time now, reads dates in English and Chinese, counts days between dates, adds to dates, and ' +
      'converts clock times between time zones. Use it whenever an answer needs today, an age, a duration, a weekday or a deadline.',
    input,
    traits: { readOnly: true },
    limits: { timeoutMs: 5_000 },
    tags: ['built-in', 'dates'],
  },
  (asked) => {
    const zone = zoneNamed(asked.zone ?? 'UTC')
    switch (asked.operation) {
      case 'now':
        return momentView(Date.now(), zone)
      case 'parse':
        return parsed(asked, zone)
      case 'difference':
        return difference(asked, zone)
      case 'add':
        return added(asked, zone)
      case 'convert': {
        const moment = momentIn(given(asked.date, 'date'), zone, asked.order)
        const toZone = zoneNamed(given(asked.toZone, 'toZone'))
        return { from: momentView(moment, zone), to: momentView(moment, toZone) }
      }
    }
  },
)

function parsed({ date, order }: Input, zone: string) {
  const text = given(date, 'date')
  const period = periodOf(text, zone, order)
  const { kind, iso, first, last, other } = period
  const timed = splitTime(text)
  return {
    kind,
    iso,
    ...(timed ? momentView(momentIn(text, zone, order), timed.zone === undefined ? zone : zoneNamed(timed.zone)) : {}),
    first: isoDay(first),
    last: isoDay(last),
    days: dayNumber(last) - dayNumber(first) + 1,
    ...(kind === 'day' ? { weekday: weekdayOf(first) } : {}),
    ...(other ? { note: `It may also mean ${isoDay(other)}: say which order is meant.` } : {}),
    ...(kind === 'fiscal-year' ? { note: 'Taken for the calendar year: companies begin theirs on other days.' } : {}),
  }
}

function difference({ date, end, order }: Input, zone: string) {
  const [fromText, toText] = [given(date, 'date'), given(end, 'end')]
  const [from, to] = [periodOf(fromText, zone, order).first, periodOf(toText, zone, order).first]
  const days = dayNumber(to) - dayNumber(from)
  const [earlier, later] = days < 0 ? [to, from] : [from, to]
  const { years, months, days: rest } = calendarDifference(earlier, later)
  const timed = splitTime(fromText) ?? splitTime(toText)
  const ms = timed ? momentIn(toText, zone, order) - momentIn(fromText, zone, order) : undefined
  return {
    from: isoDay(from),
    to: isoDay(to),
    days,
    weeks: { weeks: Math.trunc(days / 7), days: days % 7 },
    /** Without a sign: it is earlier than `date` when `days` is below zero. */
    calendar: { years, months, days: rest },
    wholeMonths: years * 12 + months,
    wholeYears: years,
    businessDays: businessDaysBetween(earlier, later),
    ...(ms === undefined ? {} : { hours: Math.round(ms / 36_000) / 100, minutes: Math.round(ms / 60_000) }),
  }
}

function added(asked: Input, zone: string) {
  const text = given(asked.date, 'date')
  if (amounts.every((name) => asked[name] === undefined))
    throw new AndonError('invalid', `add needs an amount: one of ${amounts.join(', ')}.`)
  const { years = 0, months = 0, weeks = 0, days = 0, businessDays = 0, hours = 0, minutes = 0 } = asked
  const start = periodOf(text, zone, asked.order).first
  const month = addMonths(start, years * 12 + months)
  const plain = dayOf(dayNumber(month) + weeks * 7 + days)
  const day = addBusinessDays(plain, bounded(businessDays))
  const clock = splitTime(text)
  if (!clock && hours === 0 && minutes === 0) return dayView(day)
  const at = clock?.zone === undefined ? zone : zoneNamed(clock.zone)
  const wall = { ...day, hour: clock?.hour ?? 0, minute: clock?.minute ?? 0, second: clock?.second ?? 0 }
  return momentView(momentOf(wall, at) + hours * 3_600_000 + minutes * 60_000, at)
}

function bounded(businessDays: number): number {
  if (Math.abs(businessDays) <= 3_000_000) return businessDays
  throw new AndonError('invalid', `businessDays must be within ±3,000,000, got ${businessDays}.`)
}

function momentIn(text: string, zone: string, order: Input['order']): number {
  const timed = splitTime(text)
  const { first } = periodOf(text, zone, order)
  const { hour = 0, minute = 0, second = 0 } = timed ?? {}
  if (text.trim().toLowerCase() === 'now') return Date.now()
  return momentOf({ ...first, hour, minute, second }, timed?.zone === undefined ? zone : zoneNamed(timed.zone))
}

function periodOf(text: string, zone: string, order: Input['order']): Period {
  const date = text.trim().toLowerCase() === 'now' ? 'today' : (splitTime(text)?.date ?? text)
  return readPeriod(date, clockAt(Date.now(), zone), order)
}

function momentView(moment: number, zone: string) {
  const clock = clockAt(moment, zone)
  return {
    iso: isoMoment(moment, zone),
    ...dayView(clock),
    time: isoTime(clock),
    zone,
    offset: isoOffset(offsetAt(moment, zone)),
    unixMs: moment,
  }
}

function dayView(day: Day) {
  return { date: isoDay(day), weekday: weekdayOf(day) }
}

function given(value: string | undefined, name: string): string {
  if (value !== undefined && value.trim() !== '') return value
  throw new AndonError('invalid', `This operation needs ${name}: give it.`)
}
