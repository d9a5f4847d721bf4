// Scales from values to places, linear or by powers of ten, with round numbers to mark them by.

/** A scale of one axis. */
export interface Scale {
  /** Place of a value; values beyond the ends are put at them. */
  at: (value: number) => number
  ticks: number[]
}

/** A linear scale from 0 or the least value to at least the largest, at most `count` marks. */
export function linear(values: Iterable<number>, from: number, to: number, count = 6): Scale {
  let [least, most] = [0, 0]
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  if (most === least) most = least + 1
  const step = roundStep((most - least) / count)
  const [first, last] = [Math.floor(least / step), Math.ceil(most / step - 1e-9)]
  const ticks = Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)))
  const [low, high] = [first * step, last * step]
  return { at: (value) => from + ((clamp(value, low, high) - low) / (high - low)) * (to - from), ticks }
}

/** A scale by powers of ten around the positive values. */
export function logarithmic(values: Iterable<number>, from: number, to: number): Scale {
  let [least, most] = [Infinity, 0]
  for (const value of values) {
    if (!Number.isFinite(value) || value <= 0) continue
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  if (least > most) [least, most] = [1, 10]
  const first = Math.floor(Math.log10(least) + 1e-9)
  const last = Math.max(first + 1, Math.ceil(Math.log10(most) - 1e-9))
  const ticks = Array.from({ length: last - first + 1 }, (_, at) => Number((10 ** (first + at)).toPrecision(3)))
  const place = (value: number): number => (Math.log10(clamp(value, 10 ** first, 10 ** last)) - first) / (last - first)
  return { at: (value) => from + place(value) * (to - from), ticks }
}

/** A scale from the least to the largest of the marks it is given, linear or logarithmic, with a little room around. */
export function marked(marks: readonly number[], from: number, to: number, kind: 'linear' | 'log'): Scale {
  const place = (value: number): number => (kind === 'log' ? Math.log(value) : value)
  const [low, high] = [place(Math.min(...marks)), place(Math.max(...marks))]
  const room = (to - from) * 0.04
  const at = (value: number): number =>
    high === low
      ? (from + to) / 2
      : from + room + ((clamp(place(value), low, high) - low) / (high - low)) * (to - from - 2 * room)
  return { at, ticks: [...marks] }
}

/** A number for people, short: `1,200`, `0.35`, `12k`. */
export function shown(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`
  if (size >= 10_000) return `${Number((value / 1000).toPrecision(3))}k`
  if (size >= 1000) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(3)))
}

function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  const part = step / power
  return power * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 2.5 ? 2.5 : part <= 5 ? 5 : 10)
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
