// How long something lasts, as people write it: `250ms`, `5s`, `10m`, `1h`, `30d`, or a number of milliseconds.

import { AndonError } from '../core/errors.ts'

/** Milliseconds, or a number with a unit: `ms`, `s`, `m`, `h` or `d`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Milliseconds of a duration. Throws `invalid` for one that is negative or no duration; `what` names the option. */
export function milliseconds(duration: Duration, what: string): number {
  if (typeof duration === 'number' && duration >= 0) return duration
  const [, count, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/u.exec(String(duration)) ?? []
  if (count === undefined || !isUnit(unit))
    throw new AndonError(
      'invalid',
      `${what} is ${String(duration)}: give milliseconds, or a text such as "30s" or "1h"`,
    )
  return Number(count) * units[unit]
}

function isUnit(word: string | undefined): word is keyof typeof units {
  return word !== undefined && Object.hasOwn(units, word)
}
