// Days of the Gregorian calendar, counted and added without clocks or time zones.

import { AndonError } from '../core/errors.ts'

/** A day; `month` from 1. */
export interface Day {
  year: number
  month: number
  day: number
}

const dayMs = 86_400_000
export const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const

/** Whether there is such a day, in the years 1 to 9999. */
export function isDay({ year, month, day }: Day): boolean {
  return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month)
}

export function daysInMonth(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0
}

/** Days since 1970-01-01. */
export function dayNumber({ year, month, day }: Day): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return Math.round(date.getTime() / dayMs)
}

/** The day of a number. Throws `invalid` outside the years 1 to 9999. */
export function dayOf(number: number): Day {
  const date = new Date(number * dayMs)
  const day = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
  if (!isDay(day)) throw new AndonError('invalid', 'The date is outside the years 1 to 9999.')
  return day
}

/** `2024-03-05` */
export function isoDay({ year, month, day }: Day): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

export function weekdayOf(day: Day): (typeof weekdays)[number] {
  return weekdays[(((dayNumber(day) + 4) % 7) + 7) % 7] ?? 'Sunday'
}

/** Months later, or earlier; a day that the month lacks becomes its last one: 31 January and a month is 29 February. */
export function addMonths({ year, month, day }: Day, months: number): Day {
  const count = year * 12 + month - 1 + months
  const [newYear, newMonth] = [Math.floor(count / 12), (((count % 12) + 12) % 12) + 1]
  const added = { year: newYear, month: newMonth, day: Math.min(day, daysInMonth(newYear, newMonth)) }
  if (!isDay(added)) throw new AndonError('invalid', 'The date is outside the years 1 to 9999.')
  return added
}

/** From one day to a later or equal one: whole years, then whole months, then days. */
export function calendarDifference(from: Day, to: Day): { years: number; months: number; days: number } {
  let months = (to.year - from.year) * 12 + to.month - from.month
  if (dayNumber(addMonths(from, months)) > dayNumber(to)) months--
  const days = dayNumber(to) - dayNumber(addMonths(from, months))
  return { years: Math.floor(months / 12), months: months % 12, days }
}

/** Mondays to Fridays after one day, up to and with a later one. Holidays are not known. */
export function businessDaysBetween(from: Day, to: Day): number {
  const [first, last] = [dayNumber(from) + 1, dayNumber(to)]
  const days = last - first + 1
  if (days <= 0) return 0
  let count = Math.floor(days / 7) * 5
  for (let number = first + Math.floor(days / 7) * 7; number <= last; number++) if (isWorkday(number)) count++
  return count
}

/** So many Mondays to Fridays later, or earlier. */
export function addBusinessDays(day: Day, count: number): Day {
  let number = dayNumber(day)
  const step = Math.sign(count)
  const weeks = Math.floor(Math.abs(count) / 5)
  // Whole weeks at once, from a weekday; then day by day.
  while (count !== 0 && !isWorkday(number)) number -= step
  number += step * weeks * 7
  for (let left = Math.abs(count) % 5; left > 0;) {
    number += step
    if (isWorkday(number)) left--
  }
  return dayOf(number)
}

function isWorkday(number: number): boolean {
  const weekday = (((number + 4) % 7) + 7) % 7
  return weekday !== 0 && weekday !== 6
}
