import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  addBusinessDays,
  addMonths,
  businessDaysBetween,
  calendarDifference,
  dayNumber,
  dayOf,
  isoDay,
  weekdayOf,
} from './civil.ts'
import { periodsIn, readPeriod } from './periods.ts'
import { clockAt, isoMoment, momentOf, offsetAt, splitTime, zoneNamed } from './zones.ts'

const today = { year: 2024, month: 2, day: 29 }
const day = fc.integer({ min: -100_000, max: 100_000 }).map(dayOf)

test('dates of both languages and all notations are the same day', () => {
  for (const text of [
    '2024-03-03',
    '2024/3/3',
    '20240303',
    '3 March 2024',
    'March 3, 2024',
    'Mar. 3, 2024',
    '3rd of March 2024',
    'Sunday, 3 March 2024',
    '3-Mar-2024',
    '2024年3月3日',
    '二〇二四年三月三日',
    '2024年3月3日 星期日',
  ])
    assert.equal(readPeriod(text, today).iso, '2024-03-03', text)
  assert.equal(readPeriod('明天', today).iso, '2024-03-01')
  assert.equal(readPeriod('yesterday', today).iso, '2024-02-28')
})

test('months, quarters, halves and years are stretches of days', () => {
  for (const [text, iso, first, last] of [
    ['March 2024', '2024-03', '2024-03-01', '2024-03-31'],
    ['2024年2月', '2024-02', '2024-02-01', '2024-02-29'],
    ['Q3 2023', '2023-Q3', '2023-07-01', '2023-09-30'],
    ["Q3 '23", '2023-Q3', '2023-07-01', '2023-09-30'],
    ['third quarter of 2023', '2023-Q3', '2023-07-01', '2023-09-30'],
    ['2023年第三季度', '2023-Q3', '2023-07-01', '2023-09-30'],
    ['2023年下半年', '2023-H2', '2023-07-01', '2023-12-31'],
    ['FY2023', 'FY2023', '2023-01-01', '2023-12-31'],
    ['fiscal year 2023', 'FY2023', '2023-01-01', '2023-12-31'],
    ['2023财年', 'FY2023', '2023-01-01', '2023-12-31'],
    ['2023', '2023', '2023-01-01', '2023-12-31'],
  ] as const) {
    const period = readPeriod(text, today)
    assert.deepEqual([period.iso, isoDay(period.first), isoDay(period.last)], [iso, first, last], text)
  }
})

test('3/4/2024 is read in the order that is given, and the other day is told', () => {
  const american = readPeriod('3/4/2024', today)
  assert.equal(american.iso, '2024-03-04')
  assert.deepEqual(american.other, { year: 2024, month: 4, day: 3 })
  assert.equal(readPeriod('3/4/2024', today, 'dmy').iso, '2024-04-03')
  assert.equal(readPeriod('25/12/2024', today).other, undefined)
})

test('what is no date is refused with a sentence', () => {
  for (const text of ['', 'soon', '2023-02-29', '2024-13-01', 'March', '99', 'Q5 2023'])
    assert.throws(() => readPeriod(text, today), /\[invalid\]/, text)
})

test('quarters and fiscal years are found in a text', () => {
  assert.deepEqual(
    periodsIn('In Q3 2023 and the fourth quarter of fiscal 2022, unlike FY21 and fiscal year 2019.').map(
      ({ iso }) => iso,
    ),
    ['2023-Q3', '2022-Q4', 'FY2021', 'FY2019'],
  )
})

test('weekdays, months and working days are those of the calendar', () => {
  assert.equal(weekdayOf(today), 'Thursday')
  assert.equal(weekdayOf({ year: 1969, month: 7, day: 20 }), 'Sunday')
  assert.equal(isoDay(addMonths({ year: 2024, month: 1, day: 31 }, 1)), '2024-02-29')
  assert.equal(isoDay(addMonths({ year: 2024, month: 1, day: 31 }, -2)), '2023-11-30')
  assert.deepEqual(calendarDifference({ year: 2020, month: 2, day: 29 }, { year: 2024, month: 3, day: 1 }), {
    years: 4,
    months: 0,
    days: 1,
  })
  // From a Friday to the Monday after is one working day.
  assert.equal(businessDaysBetween({ year: 2024, month: 3, day: 1 }, { year: 2024, month: 3, day: 4 }), 1)
  assert.equal(isoDay(addBusinessDays({ year: 2024, month: 3, day: 1 }, 1)), '2024-03-04')
  assert.equal(isoDay(addBusinessDays({ year: 2024, month: 3, day: 2 }, 1)), '2024-03-04')
  assert.equal(isoDay(addBusinessDays({ year: 2024, month: 3, day: 4 }, -1)), '2024-03-01')
})

test('adding what lies between two days leads from one to the other', () => {
  fc.assert(
    fc.property(day, day, (one, other) => {
      const [from, to] = dayNumber(one) <= dayNumber(other) ? [one, other] : [other, one]
      const { years, months, days } = calendarDifference(from, to)
      assert.equal(dayNumber(addMonths(from, years * 12 + months)) + days, dayNumber(to))
      assert.ok(months < 12 && days < 31 && months >= 0 && days >= 0)
    }),
  )
})

test('working days are counted as one counts on fingers', () => {
  fc.assert(
    fc.property(day, fc.integer({ min: 0, max: 60 }), (from, length) => {
      let count = 0
      for (let number = dayNumber(from) + 1; number <= dayNumber(from) + length; number++)
        if (!weekdayOf(dayOf(number)).startsWith('S')) count++
      assert.equal(businessDaysBetween(from, dayOf(dayNumber(from) + length)), count)
      if (count > 0) assert.equal(businessDaysBetween(from, addBusinessDays(from, count)), count)
    }),
  )
})

test('a moment has a name in every zone', () => {
  const moment = Date.UTC(2024, 6, 1, 12, 0, 0)
  assert.equal(isoMoment(moment, 'Asia/Shanghai'), '2024-07-01T20:00:00+08:00')
  assert.equal(isoMoment(moment, zoneNamed('New York')), '2024-07-01T08:00:00-04:00')
  assert.equal(isoMoment(moment, zoneNamed('北京')), '2024-07-01T20:00:00+08:00')
  assert.equal(isoMoment(moment, zoneNamed('UTC+5:30')), '2024-07-01T17:30:00+05:30')
  assert.equal(offsetAt(moment, 'Asia/Kolkata'), 330)
  assert.throws(() => zoneNamed('Atlantis'), /not known: name it like/)
})

test('clock times that are skipped or come twice have a moment', () => {
  const berlin = 'Europe/Berlin'
  const clock = { year: 2024, month: 3, day: 31, hour: 2, minute: 30, second: 0 }
  assert.equal(isoMoment(momentOf(clock, berlin), berlin), '2024-03-31T03:30:00+02:00')
  assert.equal(isoMoment(momentOf({ ...clock, month: 10, day: 27 }, berlin), berlin), '2024-10-27T02:30:00+02:00')
})

test('clocks lead back to their moment', () => {
  const zones = fc.constantFrom('UTC', 'Asia/Shanghai', 'America/New_York', 'Australia/Lord_Howe', '+05:30')
  fc.assert(
    fc.property(zones, fc.integer({ min: 0, max: 2_000_000_000 }), (zone, second) => {
      const back = momentOf(clockAt(second * 1000, zone), zone)
      // An hour that comes twice may lead to the other one.
      assert.equal(isoMoment(back, zone).slice(0, 19), isoMoment(second * 1000, zone).slice(0, 19))
    }),
    { numRuns: 50 },
  )
})

test('a time of day is told from its day', () => {
  assert.deepEqual(splitTime('2024-03-05T14:30Z'), { date: '2024-03-05', hour: 14, minute: 30, second: 0, zone: 'Z' })
  assert.deepEqual(splitTime('5 March 2024, 2:30 pm'), { date: '5 March 2024', hour: 14, minute: 30, second: 0 })
  assert.equal(splitTime('2024-03-05'), undefined)
  assert.throws(() => splitTime('2024-03-05 25:00'), /hours go to 23/)
})
