// Whether a server falls behind: requests pile up and the wait for a first token grows with them, for as long as one
// looks. Beyond that point a longer run tells the length of the run, not the server's speed.

import { slope } from './statistics.ts'

/** What is seen from time to time during a phase. */
export interface Glance {
  /** Milliseconds from the start of the phase. */
  atMs: number
  inFlight: number
  /** Mean time to first token of those that came since the last glance; absent when none came. */
  ttftMs?: number
}

export interface SaturationOptions {
  /** Nothing is judged before, in milliseconds. Default 5000. */
  warmMs?: number
  /** Glances at least. Default 20. */
  glances?: number
}

/** One-sided, about 0.1 % for many glances: neighbours are alike, so that less would cry wolf. */
const significant = 3.1
/** The second half must also be that much above the first: a slope can be significant and small. */
const growth = 1.5

/**
 * Over-saturated: the slopes of both requests in flight and time to first token are significantly positive (t test of
 * the least squares slope, as GuideLLM's over-saturation constraint), and in flight grew by half from the first to the
 * second half of what was seen.
 */
export function overSaturated(glances: readonly Glance[], options: SaturationOptions = {}): boolean {
  const { warmMs = 5000, glances: least = 20 } = options
  const last = glances.at(-1)
  if (!last || last.atMs < warmMs || glances.length < least) return false
  // The filling of the first fifth is no sign: every run begins with nothing in flight.
  const seen = glances.slice(Math.floor(glances.length / 5))
  const flight = seen.map(({ atMs, inFlight }) => ({ x: atMs, y: inFlight }))
  const waits = seen.flatMap(({ atMs, ttftMs }) => (ttftMs === undefined ? [] : [{ x: atMs, y: ttftMs }]))
  const middle = Math.floor(flight.length / 2)
  const average = (points: { y: number }[]): number =>
    points.reduce((sum, { y }) => sum + y, 0) / Math.max(1, points.length)
  if (average(flight.slice(middle)) < growth * average(flight.slice(0, middle)) + 1) return false
  if (slope(flight).t < significant) return false
  // A server that gives no first tokens at all any more has no slope of its own.
  return waits.length < 3 || slope(waits).t >= significant
}
