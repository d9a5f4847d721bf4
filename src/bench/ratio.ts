// Confidence intervals of ratios between two targets, from what differs between requests and from what differs between
// rounds: the bootstrap alone knows little of the second, because three rounds are few.

import type { RequestRecord } from './record.ts'
import { seeded } from '../core/random.ts'
import { deviation, mean, quantile, quantileOf, rounded, sorted } from './statistics.ts'
import { e2e, keeps, spanMs, tpot, ttft, type Objectives } from './measures.ts'

/** A ratio with its 95 % interval. */
export interface Ratio {
  ratio: number
  low: number
  high: number
}

/** What two targets are compared by, of their answered requests. */
export type ComparedMetric = {
  name: string
  better: 'lower' | 'higher'
  /** Of one request; one without a value is left out of a quantile. */
  value: (record: RequestRecord) => number | undefined
} & (
  | { kind: 'quantile'; p: number }
  /** The sum of the values per second. */
  | { kind: 'rate' }
  /** The sum of the values per request that the workload did not cancel. */
  | { kind: 'share' }
)

/** Resamples: enough for two stable digits of a 95 % interval; of large samples fewer, which vary less anyway. */
const resamples = { most: 1000, least: 200, draws: 20_000_000 }

/**
 * What every comparison tells; how good only with objectives. `offered`: the plan said how many requests come per second,
 * and both kept up. Their throughputs are then the plan's, and differ by how long the last answer took alone: they
 * are left out, and a share takes the place of the goodput.
 */
export function comparedMetrics(objectives: Objectives, offered = false): ComparedMetric[] {
  const spread = (name: string, value: ComparedMetric['value'], p: number): ComparedMetric => ({
    name,
    value,
    p,
    kind: 'quantile',
    better: 'lower',
  })
  const rate = (name: string, value: ComparedMetric['value']): ComparedMetric => ({
    name,
    value,
    kind: 'rate',
    better: 'higher',
  })
  const good = (record: RequestRecord): number => (keeps(record, objectives) ? 1 : 0)
  return [
    spread('ttft.p50', (record) => ttft(record), 0.5),
    spread('ttft.p99', (record) => ttft(record), 0.99),
    spread('ttftScheduled.p99', (record) => ttft(record, 'scheduled'), 0.99),
    spread('tpot.p50', tpot, 0.5),
    spread('e2e.p50', (record) => e2e(record), 0.5),
    spread('e2e.p99', (record) => e2e(record), 0.99),
    ...(offered ? [] : [rate('rps', () => 1), rate('outputTokensPerSecond', ({ outputTokens }) => outputTokens)]),
    ...(Object.keys(objectives).length === 0
      ? []
      : [offered ? { ...rate('goodShare', good), kind: 'share' as const } : rate('goodput', good)]),
  ]
}

/** A round as far as a metric is concerned. */
interface Round {
  values: Float64Array
  /** What a sum of the values is divided by: seconds, or requests. */
  per: number
}

/**
 * The ratio `other / base` of a metric, with the wider of two intervals: the bootstrap over rounds and requests, and
 * Student's over the rounds' own ratios (of a throughput or a share this one alone). Rounds are paired, because they ran one after
 * the other. Undefined when there is nothing to divide, and for a throughput below two rounds.
 */
export function ratioOf(
  metric: ComparedMetric,
  base: readonly (readonly RequestRecord[])[],
  other: readonly (readonly RequestRecord[])[],
  seed: number,
): Ratio | undefined {
  const count = Math.min(base.length, other.length)
  const [ours, theirs] = [base, other].map((rounds) => rounds.slice(0, count).map((round) => roundOf(metric, round)))
  if (!ours || !theirs || count === 0) return undefined
  const ratio = measured(metric, theirs) / measured(metric, ours)
  if (!Number.isFinite(ratio)) return undefined
  const each = ours.flatMap((round, at) => {
    const same = theirs[at]
    return same ? [measured(metric, [same]) / measured(metric, [round])] : []
  })
  const intervals = [student(each), metric.kind === 'quantile' ? bootstrap(metric, ours, theirs, seed) : undefined]
  const known = intervals.filter((interval) => interval !== undefined)
  if (known.length === 0) return undefined
  return {
    ratio: rounded(ratio),
    low: rounded(Math.min(...known.map(([low]) => low))),
    high: rounded(Math.max(...known.map(([, high]) => high))),
  }
}

/** The percentile interval of Efron and Tibshirani, "An introduction to the bootstrap" (1993). */
function bootstrap(
  metric: ComparedMetric,
  ours: readonly Round[],
  theirs: readonly Round[],
  seed: number,
): [low: number, high: number] | undefined {
  const size = [...ours, ...theirs].reduce((sum, { values }) => sum + values.length, 0)
  const times = Math.max(resamples.least, Math.min(resamples.most, Math.floor(resamples.draws / size)))
  const random = seeded(seed)
  const ratios: number[] = []
  for (let at = 0; at < times; at += 1) {
    const numbers = ours.map(() => Math.floor(random() * ours.length))
    const of = (rounds: readonly Round[]): number => {
      const chosen = numbers.flatMap((number) => rounds[number] ?? [])
      return measured(
        metric,
        chosen.map((round) => drawn(round, random)),
      )
    }
    ratios.push(of(theirs) / of(ours))
  }
  const ascending = sorted(ratios)
  return ascending.length === 0 ? undefined : [quantile(ascending, 0.025), quantile(ascending, 0.975)]
}

/** Student's interval of the mean of the ratios' logarithms. */
function student(ratios: readonly number[]): [low: number, high: number] | undefined {
  const logarithms = ratios.map(Math.log)
  if (logarithms.length < 2 || !logarithms.every(Number.isFinite)) return undefined
  const centre = mean(logarithms)
  const reach = (t95(logarithms.length - 1) * deviation(logarithms)) / Math.sqrt(logarithms.length)
  return [Math.exp(centre - reach), Math.exp(centre + reach)]
}

/** The 97.5 % quantile of Student's t: by the table, then by the expansion of Cornish and Fisher. */
function t95(freedom: number): number {
  const table = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]
  const z = 1.959964
  return (
    table[freedom - 1] ?? z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2)
  )
}

function roundOf(metric: ComparedMetric, round: readonly RequestRecord[]): Round {
  const answered = round.filter(({ outcome }) => outcome === 'ok')
  const wanted = round.filter(({ outcome }) => outcome !== 'cancelled').length
  return {
    values: sorted(answered.map(metric.value)),
    per: metric.kind === 'share' ? wanted : spanMs(round) / 1000,
  }
}

function measured(metric: ComparedMetric, rounds: readonly Round[]): number {
  if (metric.kind === 'quantile') return quantileOf(joined(rounds.map(({ values }) => values)), metric.p)
  const sum = rounds.reduce((total, { values }) => total + values.reduce((all, value) => all + value, 0), 0)
  return sum / rounds.reduce((total, { per }) => total + per, 0)
}

/** As many values as there are, each any of them. */
function drawn({ values, per }: Round, random: () => number): Round {
  return { values: values.map(() => values[Math.floor(random() * values.length)] ?? Number.NaN), per }
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Who is better: nobody while the interval contains 1, or with less than three rounds behind it. */
export function winner(
  { low, high }: Ratio,
  better: ComparedMetric['better'],
  rounds: number,
): 'base' | 'other' | undefined {
  if (rounds < 3 || (low <= 1 && high >= 1)) return undefined
  return high < 1 === (better === 'lower') ? 'other' : 'base'
}
