// Clock times in the time zones of the world: what a moment is called somewhere, and which moment a name means.

import { AndonError } from '../core/errors.ts'
import { isDay, isoDay } from './civil.ts'
import type { Day } from './civil.ts'

/** A clock's reading. */
export interface Clock extends Day {
  hour: number
  minute: number
  second: number
}

const minuteMs = 60_000
const formats = new Map<string, Intl.DateTimeFormat>()
const cities: Record<string, string> = {
  beijing: 'Asia/Shanghai',
  北京: 'Asia/Shanghai',
  上海: 'Asia/Shanghai',
  香港: 'Asia/Hong_Kong',
  台北: 'Asia/Taipei',
  东京: 'Asia/Tokyo',
  伦敦: 'Europe/London',
  巴黎: 'Europe/Paris',
  柏林: 'Europe/Berlin',
  纽约: 'America/New_York',
  洛杉矶: 'America/Los_Angeles',
  'san francisco': 'America/Los_Angeles',
  washington: 'America/New_York',
  utc: 'UTC',
  gmt: 'UTC',
  z: 'UTC',
  cet: 'Europe/Paris',
  jst: 'Asia/Tokyo',
  ist: 'Asia/Kolkata',
  pst: 'America/Los_Angeles',
  pdt: 'America/Los_Angeles',
  est: 'America/New_York',
  edt: 'America/New_York',
}

/** The zone of a name: `Europe/Berlin`, `Berlin`, 北京, `+08:00`. Throws `invalid` for one that is not known. */
export function zoneNamed(name: string): string {
  const bare = name.trim()
  const known = cities[bare.toLowerCase().replace(/(?:时间| time)$/, '')]
  if (known !== undefined) return known
  const offset = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?$/i.exec(bare)
  if (offset)
    return `${offset[1] ?? '+'}${(offset[2] ?? '0').padStart(2, '0')}:${offset[3] ?? '00'}`.replace(
      /^[+-]00:00$/,
      'UTC',
    )
  const city = `/${bare.replace(/\s+/g, '_').toLowerCase()}`
  const found = bare.includes('/')
    ? bare
    : Intl.supportedValuesOf('timeZone').find((zone) => zone.toLowerCase().endsWith(city))
  try {
    return new Intl.DateTimeFormat('en', { timeZone: found ?? bare }).resolvedOptions().timeZone
  } catch (reason) {
    throw new AndonError(
      'invalid',
      `The time zone "${bare.slice(0, 60)}" is not known: name it like Europe/Berlin or +08:00.`,
      {
        cause: reason,
      },
    )
  }
}

/** What clocks of a zone show at a moment (Unix ms). */
export function clockAt(moment: number, zone: string): Clock {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    // There are some hundred zones; offsets that somebody makes up must not fill the memory.
    if (formats.size < 600) formats.set(zone, format)
  }
  const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]))
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  }
}

/** Minutes that clocks of a zone are ahead of UTC at a moment. */
export function offsetAt(moment: number, zone: string): number {
  return Math.round((asUtc(clockAt(moment, zone)) - Math.floor(moment / 1000) * 1000) / minuteMs)
}

/**
 * The moment (Unix ms) at which clocks of a zone show this. Of a time that comes twice, the first; of one that is skipped,
 * what the clocks would have shown.
 */
export function momentOf(clock: Clock, zone: string): number {
  const wall = asUtc(clock)
  const before = wall - offsetAt(wall - 86_400_000, zone) * minuteMs
  if (asUtc(clockAt(before, zone)) === wall) return before
  const after = wall - offsetAt(wall + 86_400_000, zone) * minuteMs
  return asUtc(clockAt(after, zone)) === wall ? after : before
}

/** `2024-03-05T14:30:00+08:00` */
export function isoMoment(moment: number, zone: string): string {
  const clock = clockAt(moment, zone)
  return `${isoDay(clock)}T${isoTime(clock)}${isoOffset(offsetAt(moment, zone))}`
}

/** `14:30:00` */
export function isoTime({ hour, minute, second }: Clock): string {
  return [hour, minute, second].map((part) => String(part).padStart(2, '0')).join(':')
}

/** `+08:00` */
export function isoOffset(minutes: number): string {
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`
}

/** A day with a time behind it, and a zone where one is said: `2024-03-05T14:30Z`, `5 March 2024, 2:30 pm`. */
export function splitTime(
  text: string,
): { date: string; hour: number; minute: number; second: number; zone?: string } | undefined {
  const found =
    /^(?<date>.+?)[\sT,]+(?:at\s+)?(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:\.\d+)?)?\s*(?<half>[ap]\.?m\.?)?\s*(?<zone>Z|[+-]\d{2}:?\d{2}|\(?[A-Z][A-Za-z_/]+\)?)?$/i.exec(
      text.trim(),
    )
  const { date, hour: h = '0', minute: m = '0', second: s = '0', half, zone } = found?.groups ?? {}
  if (date === undefined) return undefined
  const afternoon = half?.toLowerCase().startsWith('p') ?? false
  const hour = half === undefined ? Number(h) : (Number(h) % 12) + (afternoon ? 12 : 0)
  if (hour > 23 || Number(m) > 59 || Number(s) > 59)
    throw new AndonError(
      'invalid',
      `"${text.slice(0, 60)}" has no time of day: hours go to 23, minutes and seconds to 59.`,
    )
  return {
    date,
    hour,
    minute: Number(m),
    second: Number(s),
    ...(zone === undefined ? {} : { zone: zone.replace(/[()]/g, '') }),
  }
}

function asUtc(clock: Clock): number {
  if (!isDay(clock)) throw new AndonError('invalid', `There is no day ${isoDay(clock)}: check month and day.`)
  const date = new Date(0)
  date.setUTCFullYear(clock.year, clock.month - 1, clock.day)
  date.setUTCHours(clock.hour, clock.minute, clock.second)
  return date.getTime()
}
