// Confidence intervals of ratios between two targets, by the bootstrap: rounds are drawn first and requests within them,
// because requests of one round share its luck.

import type { RequestRecord } from './record.ts'
import { seeded } from './random.ts'
import { quantile, rounded, sorted } from './statistics.ts'
import { e2e, keeps, spanMs, tpot, ttft, type Objectives } from './measures.ts'

/** A ratio with its 95 % percentile interval (Efron and Tibshirani, "An introduction to the bootstrap", 1993). */
export interface Ratio {
  ratio: number
  low: number
  high: number
}

/** What two targets are compared by. */
export interface ComparedMetric {
  name: string
  better: 'lower' | 'higher'
  /** The measure of a target, of its rounds. */
  of: (rounds: readonly (readonly RequestRecord[])[]) => number
  /** Whether it is made of whole rounds only: a throughput has no meaning for requests drawn one by one. */
  ofRounds?: boolean
}

/** Resamples: enough for two stable digits of a 95 % interval. */
const resamples = 1000

/** What every comparison tells. Goodput only with objectives. */
export function comparedMetrics(objectives: Objectives): ComparedMetric[] {
  const answered = (rounds: readonly (readonly RequestRecord[])[]): RequestRecord[] =>
    rounds.flat().filter(({ outcome }) => outcome === 'ok')
  const spread = (name: string, value: (record: RequestRecord) => number | undefined, p: number): ComparedMetric => ({
    name,
    better: 'lower',
    of: (rounds) => quantile(sorted(answered(rounds).map(value)), p),
  })
  const rate = (name: string, value: (record: RequestRecord) => number): ComparedMetric => ({
    name,
    better: 'higher',
    ofRounds: true,
    of: (rounds) =>
      answered(rounds).reduce((sum, record) => sum + value(record), 0) /
      (rounds.reduce((sum, round) => sum + spanMs(round), 0) / 1000),
  })
  return [
    spread('ttft.p50', (record) => ttft(record), 0.5),
    spread('ttft.p99', (record) => ttft(record), 0.99),
    spread('ttftScheduled.p99', (record) => ttft(record, 'scheduled'), 0.99),
    spread('tpot.p50', tpot, 0.5),
    spread('e2e.p50', (record) => e2e(record), 0.5),
    spread('e2e.p99', (record) => e2e(record), 0.99),
    rate('rps', () => 1),
    rate('outputTokensPerSecond', ({ outputTokens }) => outputTokens),
    ...(Object.keys(objectives).length === 0 ? [] : [rate('goodput', (record) => (keeps(record, objectives) ? 1 : 0))]),
  ]
}

/**
 * The ratio `other / base` of a metric. Rounds are paired: the same rounds are drawn for both, because they ran one
 * after the other. Undefined when there is nothing to divide.
 */
export function bootstrapRatio(
  metric: ComparedMetric,
  base: readonly (readonly RequestRecord[])[],
  other: readonly (readonly RequestRecord[])[],
  seed: number,
): Ratio | undefined {
  const rounds = Math.min(base.length, other.length)
  const ratio = metric.of(other) / metric.of(base)
  if (rounds === 0 || !Number.isFinite(ratio)) return undefined
  const random = seeded(seed)
  const drawn = (round: readonly RequestRecord[]): readonly RequestRecord[] => {
    if (metric.ofRounds === true) return round
    const sample: RequestRecord[] = []
    for (let at = 0; at < round.length; at += 1) {
      const record = round[Math.floor(random() * round.length)]
      if (record) sample.push(record)
    }
    return sample
  }
  const ratios: number[] = []
  for (let at = 0; at < resamples; at += 1) {
    const numbers = Array.from({ length: rounds }, () => Math.floor(random() * rounds))
    const of = (target: readonly (readonly RequestRecord[])[]): number =>
      metric.of(numbers.map((number) => drawn(target[number] ?? [])))
    ratios.push(of(other) / of(base))
  }
  const ascending = sorted(ratios)
  if (ascending.length === 0) return undefined
  return {
    ratio: rounded(ratio),
    low: rounded(quantile(ascending, 0.025)),
    high: rounded(quantile(ascending, 0.975)),
  }
}

/** Who is better by this ratio: nobody while its interval contains 1, or with less than three rounds behind it. */
export function winner(
  { low, high }: Ratio,
  better: ComparedMetric['better'],
  rounds: number,
): 'base' | 'other' | undefined {
  if (rounds < 3 || (low <= 1 && high >= 1)) return undefined
  return high < 1 === (better === 'lower') ? 'other' : 'base'
}
