// Whether a phase measured the server, or the client that measured it. A phase that fails a check is marked invalid and
// never has a winner.

import type { RequestRecord } from './record.ts'
import { quantile, rounded, sorted } from './statistics.ts'

/** What the load generator saw of itself during a phase; of several workers the worst. */
export interface ClientState {
  /** p99 of how late the loop's timers were, in milliseconds. */
  loopLagMs: number
  /** Share of the time in which the busiest loop did something (event loop utilisation), 0 to 1. */
  utilisation: number
  /** Connections opened. */
  connections: number
  /** Most requests under way at once. */
  peakInFlight: number
}

/** One check: what was seen, and the bound it must keep. */
export interface SelfCheck {
  name: 'loop lag' | 'client CPU' | 'schedule slip' | 'achieved rate' | 'errors' | 'connection reuse' | 'answers'
  ok: boolean
  value: number
  /** For people: `<= 20 ms`. */
  bound: string
  /** What to do when it fails. */
  advice: string
}

/** What the phase was asked to be. */
export interface AskedLoad {
  /** Requests per second of an open loop. */
  rate?: number
  /** Whether the phase was ended because the server could not keep up: then it is no fault of the client's. */
  saturated: boolean
}

const bounds = {
  /** A loop that is later blurs what is told in milliseconds … */
  loopLagMs: 20,
  /** … unless the median answer takes so long that this share of it is more. */
  lagShare: 0.02,
  /** Above it the loop queues its own work. */
  utilisation: 0.85,
  slipMs: 25,
  achieved: 0.95,
  errors: 0.01,
  reopened: 0.1,
}

/** All checks of a phase. */
export function selfChecks(records: readonly RequestRecord[], client: ClientState, asked: AskedLoad): SelfCheck[] {
  const count = records.length
  const ended = (outcome: RequestRecord['outcome']): number =>
    records.filter((record) => record.outcome === outcome).length
  const slips = sorted(records.map(({ sentMs, scheduledMs }) => sentMs - scheduledMs))
  const slip = count === 0 ? 0 : quantile(slips, 0.99)
  const failed = count === 0 ? 0 : ended('failed') / count
  // A request that failed or was left closes its connection, so that the next needs another one.
  const closed = ended('failed') + ended('cancelled') + ended('incomplete')
  const reopened = count === 0 ? 0 : Math.max(0, client.connections - client.peakInFlight - closed) / count
  const usual = quantile(sorted(records.map(({ endMs, sentMs }) => endMs - sentMs)), 0.5) || 0
  const lag = Math.round(Math.max(bounds.loopLagMs, bounds.lagShare * usual))
  const checks: SelfCheck[] = [
    atMost('loop lag', client.loopLagMs, lag, ' ms', 'give the client more cores, or --workers 2 and more'),
    atMost('client CPU', client.utilisation, bounds.utilisation, '', 'give --workers 2 and more'),
    atMost('errors', failed, bounds.errors, '', 'look at the errors of the run'),
    atMost('connection reuse', reopened, bounds.reopened, '', 'let the server keep connections alive'),
    {
      ...atMost('answers', 0, 0, '', 'let the run go on for longer'),
      ok: ended('ok') > 0,
      value: ended('ok'),
      bound: '> 0',
    },
  ]
  if (asked.rate === undefined) return checks
  if (!asked.saturated)
    checks.push(
      atMost('schedule slip', slip, bounds.slipMs, ' ms', 'give --workers 2 and more, or a larger --max-in-flight'),
    )
  const achieved = achievedRate(records) / asked.rate
  checks.push({
    name: 'achieved rate',
    // Of few requests the drawn gaps alone are off by more: two standard errors of a Poisson count are allowed.
    ok: asked.saturated || count < 2 || achieved >= bounds.achieved - 2 / Math.sqrt(count),
    value: rounded(achieved),
    bound: `>= ${bounds.achieved} of the asked rate`,
    advice: 'give --workers 2 and more, or ask for less',
  })
  return checks
}

/** Requests sent per second, from the first sent to the last; 0 below two. */
function achievedRate(records: readonly RequestRecord[]): number {
  const sent = sorted(records.map(({ sentMs }) => sentMs))
  const over = (sent.at(-1) ?? 0) - (sent[0] ?? 0)
  return over > 0 ? ((sent.length - 1) * 1000) / over : 0
}

function atMost(name: SelfCheck['name'], value: number, most: number, unit: string, advice: string): SelfCheck {
  return { name, ok: value <= most, value: rounded(value), bound: `<= ${most}${unit}`, advice }
}
