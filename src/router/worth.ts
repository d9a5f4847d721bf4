// Whether a free place is worth taking, or waiting for a better one costs less: another region is used only when the wait
// here is longer than the way, and a much slower endpoint only when the line is long.

import type { EndpointState } from './endpoint-state.ts'
import type { Pool } from './pools.ts'

/** What the choice needs to know of an order's place in the line. */
export interface Standing {
  /** Endpoints that failed it: taken only when there is no other. */
  readonly tried: ReadonlySet<string> | undefined
  /** Whether those are not taken at all, and nothing risky is tried. */
  readonly strict: boolean
  /** How many stand before it. */
  readonly ahead: number
  /** When it came, monotonic milliseconds. */
  readonly since: number
}

/** An endpoint that takes so many times as long as one that is full is left free while waiting is shorter. */
const muchSlower = 2

/**
 * Takes out of the free ones of a tier those that cost more than waiting: in a region farther than one whose predicted wait
 * is below the difference of their penalties, and so much slower than a full one that waiting is shorter (the slow-server
 * problem: Lin and Kumar 1984). Returns when to look at those again, monotonic milliseconds, or Infinity.
 */
export function keepWorthy(pool: Pool, free: number[], standing: Standing, tier: number, now: number): number {
  const far = pool.penalties.some((penalty) => penalty > 0)
  const lookAt = far ? keepNear(pool, free, standing, tier, now) : Infinity
  return free.length === 0 ? lookAt : Math.min(lookAt, keepFast(pool, free, standing, tier, now))
}

function keepNear(pool: Pool, free: number[], standing: Standing, tier: number, now: number): number {
  const { endpoints, penalties } = pool
  const penaltyOf = (at: number): number => penalties[at] ?? 0
  let nearest = Infinity
  let nearestFree = Infinity
  for (const at of free) nearestFree = Math.min(nearestFree, penaltyOf(at))
  for (let at = 0; at < endpoints.length; at++) {
    const state = endpoints[at]
    if (state?.settings.priority === tier && isWell(state, now)) nearest = Math.min(nearest, penaltyOf(at))
  }
  if (nearestFree <= nearest) {
    // A place is free where it is nearest: farther ones only if everything there is overdue by more than the way.
    let late = Infinity
    for (const at of free) if (penaltyOf(at) === nearestFree) late = Math.min(late, endpoints[at]?.lateMs(now) ?? 0)
    keep(free, (at) => penaltyOf(at) - nearestFree <= late)
    return Infinity
  }
  const extra = nearestFree - nearest
  const isNearer = (state: EndpointState, at: number): boolean =>
    state.settings.priority === tier && penaltyOf(at) < nearestFree
  const worth = waitFor(pool, standing, now, isNearer) > extra
  keep(free, (at) => worth && penaltyOf(at) === nearestFree)
  return worth ? Infinity : standing.since + extra + 1
}

function keepFast(pool: Pool, free: number[], standing: Standing, tier: number, now: number): number {
  let fastest = Infinity
  for (const state of pool.endpoints) {
    if (state.settings.priority !== tier || state.hasPlace || !isWell(state, now)) continue
    fastest = Math.min(fastest, state.serviceMs ?? Infinity)
  }
  if (fastest === Infinity) return Infinity
  let lookAt = Infinity
  keep(free, (at) => {
    const state = pool.endpoints[at]
    // What it took before it was down is no reason against trying it now.
    if (state?.breaker.state === 'half-open') return true
    const slowMs = state?.serviceMs
    if (slowMs === undefined || slowMs <= muchSlower * fastest) return true
    const isFaster = (state: EndpointState): boolean =>
      !state.hasPlace && (state.serviceMs ?? Infinity) * muchSlower < slowMs
    if (waitFor(pool, standing, now, isFaster) > slowMs - fastest) return true
    lookAt = Math.min(lookAt, standing.since + slowMs - fastest + 1)
    return false
  })
  return lookAt
}

/** Milliseconds until one of these has a place for the order: as predicted, or as it has waited already. */
function waitFor(
  pool: Pool,
  standing: Standing,
  now: number,
  isOne: (state: EndpointState, at: number) => boolean,
): number {
  let perMs = 0
  for (let at = 0; at < pool.endpoints.length; at++) {
    const state = pool.endpoints[at]
    if (state === undefined || !isWell(state, now) || !isOne(state, at)) continue
    // Nothing is known of it: it may be free at once.
    if (state.serviceMs === undefined) return now - standing.since
    perMs += state.limit.value / Math.max(1, state.serviceMs)
  }
  return Math.max(perMs === 0 ? 0 : (standing.ahead + 1) / perMs, now - standing.since)
}

/** Whether orders can be expected to be served there, now or when a place is free. */
function isWell(state: EndpointState, now: number): boolean {
  return !state.retired && state.breaker.state === 'closed' && now >= state.cooling.until
}

/** Keeps those that hold, in place. */
export function keep(indexes: number[], holds: (at: number) => boolean): void {
  let kept = 0
  for (const at of indexes) if (holds(at)) indexes[kept++] = at
  indexes.length = kept
}
