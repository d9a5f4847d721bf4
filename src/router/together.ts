// How the endpoints are, as several routers that share them know it: what each counts adds up, and of what each has
// learnt the most careful holds.

import type { BreakerState } from './breaker.ts'
import type { Counts } from './endpoint-state.ts'
import type { EndpointReport } from './endpoint-report.ts'
import type { SchedulerState } from './scheduler.ts'

/** An endpoint as several routers know it. */
export interface SharedEndpointReport extends EndpointReport {
  /** What each knows of it, when that is not the same. */
  readonly breakers?: readonly BreakerState[]
}

/** The same as one router tells, of several. */
export interface SharedState extends SchedulerState {
  readonly endpoints: readonly SharedEndpointReport[]
}

/** From the best to the worst. */
const breakerStates: readonly BreakerState[] = ['closed', 'half-open', 'open']

/** One state of many, in the order in which the first have their endpoints. */
export function stateTogether(states: readonly SchedulerState[]): SharedState {
  const all = states.flatMap(({ endpoints }) => endpoints)
  const placed = sumOf(all, ({ counts }) => counts.placed)
  const groups = [...Map.groupBy(all, ({ name }) => name).values()]
  return {
    endpoints: groups.flatMap((reports) => reportTogether(reports, placed) ?? []),
    waiting: sumOf(states, ({ waiting }) => waiting),
    inFlight: sumOf(states, ({ inFlight }) => inFlight),
  }
}

function reportTogether(reports: readonly EndpointReport[], placed: number): SharedEndpointReport | undefined {
  const [first] = reports
  if (first === undefined) return undefined
  const sum = (of: (report: EndpointReport) => number): number => sumOf(reports, of)
  const known = (of: keyof EndpointReport): number[] =>
    reports.flatMap((report) => (typeof report[of] === 'number' ? [report[of]] : []))
  // Who had more of its answers knows better how fast it is.
  const usual = (of: 'msPerToken' | 'firstTokenMs' | 'serviceMs'): object => {
    const those = reports.filter((report) => report[of] !== undefined)
    const weights = sumOf(those, weightOf)
    return those.length === 0 ? {} : { [of]: sumOf(those, (report) => (report[of] ?? 0) * weightOf(report)) / weights }
  }
  const one = (of: keyof EndpointReport, choose: (...values: number[]) => number): object => {
    const values = known(of)
    return values.length === 0 ? {} : { [of]: choose(...values) }
  }
  const inFlight = sum((report) => report.inFlight)
  const breakers = reports.map(({ breaker }) => breaker)
  const breaker = breakers.toSorted((a, b) => breakerStates.indexOf(b) - breakerStates.indexOf(a))[0] ?? first.breaker
  const count = (of: keyof Counts): number => sum(({ counts }) => counts[of])
  return {
    name: first.name,
    ...(first.region === undefined ? {} : { region: first.region }),
    tier: first.tier,
    inFlight,
    inFlightOfAll: Math.max(inFlight, ...known('inFlightOfAll')),
    waiting: sum(({ waiting }) => waiting),
    limit: Math.min(...known('limit')),
    maxConcurrent: first.maxConcurrent,
    breaker,
    ...(new Set(breakers).size > 1 ? { breakers } : {}),
    coolingMs: Math.max(...known('coolingMs')),
    ...usual('msPerToken'),
    ...usual('firstTokenMs'),
    ...one('firstTokenP95Ms', Math.max),
    ...one('firstTokenLimitMs', Math.max),
    ...usual('serviceMs'),
    ...one('silentMs', Math.min),
    counts: {
      placed: count('placed'),
      done: count('done'),
      cancelled: count('cancelled'),
      failed: count('failed'),
      busy: count('busy'),
    },
    share: placed === 0 ? 0 : count('placed') / placed,
  }
}

function weightOf({ counts }: EndpointReport): number {
  return Math.max(1, counts.done)
}

function sumOf<Value>(values: readonly Value[], of: (value: Value) => number): number {
  return values.reduce((total, value) => total + of(value), 0)
}
