// Turns the rounds of one load into its report: sums, checks, curves and comparisons.

import { ratioOf, comparedMetrics, winner } from './ratio.ts'
import { e2e, summarise, ttft, type Objectives } from './measures.ts'
import type { Load, PhaseOutcome } from './phase.ts'
import { derived } from './random.ts'
import type { RequestRecord } from './record.ts'
import type { CellReport, CellTarget, Comparison, RoundReport } from './result.ts'
import { selfChecks } from './self-checks.ts'
import type { ServerReport } from './server-watch.ts'
import { distribution, quantile, rounded, sorted, type Distribution } from './statistics.ts'

/** A finished round with its requests. */
export interface DoneRound {
  records: RequestRecord[]
  report: RoundReport
}

/** Requests in a picture of a phase. */
const pictured = 60

/** The report of one round of one target. */
export function roundReport(
  round: number,
  outcome: PhaseOutcome,
  load: Load,
  objectives: Objectives,
  server: ServerReport | undefined,
): RoundReport {
  const { records, client, saturated } = outcome
  const rate = load.kind === 'open' ? load.rate : load.kind === 'trace' ? traceRate(load.dueMs) : undefined
  return {
    round,
    summary: summarise([records], objectives),
    checks: selfChecks(records, client, { saturated, ...(rate === undefined ? {} : { rate }) }),
    saturated,
    client,
    ...(server ? { server } : {}),
  }
}

/** The report of a load, of the rounds that each target did. The first target is the base of all comparisons. */
export function cellReport(
  name: string,
  load: Load,
  done: ReadonlyMap<string, readonly DoneRound[]>,
  { objectives, seed }: { objectives: Objectives; seed: number },
): CellReport {
  const targets = Array.from(done, ([target, rounds]) => targetReport(target, rounds, objectives))
  const [base, ...others] = targets
  return {
    name,
    load:
      load.kind === 'trace'
        ? { kind: 'trace', requests: load.dueMs.length, seconds: rounded((load.dueMs.at(-1) ?? 0) / 1000) }
        : load,
    targets,
    comparisons: base
      ? others.flatMap((other) => compared(base, other, done, { load, objectives, seed: derived(seed, name) }))
      : [],
  }
}

function targetReport(target: string, rounds: readonly DoneRound[], objectives: Objectives): CellTarget {
  const records = rounds.map((round) => round.records)
  const ok = records.flat().filter(({ outcome }) => outcome === 'ok')
  const last = records.at(-1) ?? []
  return {
    target,
    valid: rounds.every(({ report }) => report.checks.every((check) => check.ok)),
    saturated: rounds.filter(({ report }) => report.saturated).length * 2 >= rounds.length,
    summary: summarise(records, objectives),
    rounds: rounds.map(({ report }) => report),
    curves: {
      ttft: curve(ok.map((record) => ttft(record))),
      itl: curve(ok.flatMap(({ gapsMs }) => gapsMs)),
      e2e: curve(ok.map((record) => e2e(record))),
    },
    timeline: last.slice(0, pictured).map(({ scheduledMs, sentMs, firstTokenMs, endMs, outcome }) => ({
      scheduledMs: rounded(scheduledMs),
      sentMs: rounded(sentMs),
      ...(firstTokenMs === undefined ? {} : { firstTokenMs: rounded(firstTokenMs) }),
      endMs: rounded(endMs),
      outcome,
    })),
    ...stagesOf(ok),
  }
}

function compared(
  base: CellTarget,
  other: CellTarget,
  done: ReadonlyMap<string, readonly DoneRound[]>,
  { load, objectives, seed }: { load: Load; objectives: Objectives; seed: number },
): Comparison[] {
  const recordsOf = ({ target }: CellTarget): RequestRecord[][] =>
    (done.get(target) ?? []).map(({ records }) => records)
  const [ours, theirs] = [recordsOf(base), recordsOf(other)]
  const offered = load.kind !== 'closed' && !base.saturated && !other.saturated
  return comparedMetrics(objectives, offered).flatMap((metric) => {
    const ratio = ratioOf(metric, ours, theirs, derived(seed, base.target, other.target, metric.name))
    if (!ratio) return []
    // A client that was the bottleneck has measured nobody.
    const better =
      base.valid && other.valid ? winner(ratio, metric.better, Math.min(ours.length, theirs.length)) : undefined
    return {
      base: base.target,
      other: other.target,
      metric: metric.name,
      better: metric.better,
      ...ratio,
      ...(better === undefined ? {} : { winner: better === 'base' ? base.target : other.target }),
    }
  })
}

function curve(sample: Iterable<number | undefined>): number[] {
  const ascending = sorted(sample)
  return ascending.length === 0 ? [] : Array.from({ length: 101 }, (_, at) => rounded(quantile(ascending, at / 100)))
}

function stagesOf(records: readonly RequestRecord[]): Pick<CellTarget, 'stages' | 'stations'> {
  const stages = Map.groupBy(
    records.flatMap((record) => record.stages ?? []),
    ({ stage }) => stage,
  )
  const stations = Map.groupBy(
    records.flatMap((record) => record.spans ?? []),
    ({ station }) => station,
  )
  const known = (sample: number[]): Distribution[] => [distribution(sample) ?? []].flat()
  return {
    ...(stages.size === 0
      ? {}
      : {
          stages: Array.from(stages, ([stage, list]) =>
            known(list.map(({ ms }) => ms)).map((ms) => ({ stage, ms })),
          ).flat(),
        }),
    ...(stations.size === 0
      ? {}
      : {
          stations: Array.from(stations, ([station, list]) => {
            const [wait] = known(list.map(({ waitMs }) => waitMs))
            const [work] = known(list.map(({ workMs }) => workMs))
            return wait && work ? [{ station, count: list.length, wait, work }] : []
          }).flat(),
        }),
  }
}

function traceRate(dueMs: readonly number[]): number {
  const over = (dueMs.at(-1) ?? 0) - (dueMs[0] ?? 0)
  return over > 0 ? ((dueMs.length - 1) * 1000) / over : 0
}
