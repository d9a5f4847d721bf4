// Distributions of lengths in tokens: how long prompts and outputs of a synthetic workload are.

import { AndonError } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { normal } from './random.ts'

/** A distribution of whole numbers of tokens, at least 1. */
export type Lengths =
  | { kind: 'fixed'; value: number }
  /** Both ends included. */
  | { kind: 'uniform'; from: number; to: number }
  /** Cut at 1 below and at mean + 4 deviations above. */
  | { kind: 'normal'; mean: number; deviation: number }
  /** Given by its median and the deviation of its logarithm; cut at 1 and at 64 times the median. */
  | { kind: 'lognormal'; median: number; sigma: number }

const most = 10_000_000

/** Reads `512`, `uniform:128:1024`, `normal:512:64` or `lognormal:512:0.6`. `option` is its name in the message. */
export function lengthsOf(text: string, option: string): Lengths {
  const [kind = '', ...rest] = text.split(':')
  const numbers = rest.map(Number)
  const [first = Number.NaN, second = Number.NaN] = numbers
  const whole = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= most
  if (rest.length === 0 && whole(Number(kind))) return { kind: 'fixed', value: Number(kind) }
  if (rest.length === 2) {
    if (kind === 'uniform' && whole(first) && whole(second) && first <= second) return { kind, from: first, to: second }
    if (kind === 'normal' && first >= 1 && first <= most && second >= 0 && second <= most)
      return { kind, mean: first, deviation: second }
    if (kind === 'lognormal' && first >= 1 && first <= most && second >= 0 && second <= 4)
      return { kind, median: first, sigma: second }
  }
  throw new AndonError(
    'invalid',
    `${option} is "${text}": give a number of tokens, uniform:FROM:TO, normal:MEAN:DEVIATION or lognormal:MEDIAN:SIGMA.`,
  )
}

/** One length. */
export function drawLength(lengths: Lengths, random: Random): number {
  switch (lengths.kind) {
    case 'fixed':
      return lengths.value
    case 'uniform':
      return lengths.from + Math.floor(random() * (lengths.to - lengths.from + 1))
    case 'normal': {
      const { mean, deviation } = lengths
      return Math.round(Math.min(mean + 4 * deviation, Math.max(1, mean + deviation * normal(random))))
    }
    case 'lognormal': {
      const { median, sigma } = lengths
      return Math.round(Math.min(median * 64, Math.max(1, median * Math.exp(sigma * normal(random)))))
    }
  }
}
