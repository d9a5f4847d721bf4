// An endpoint's state as plain JSON.

import type { BreakerState } from './breaker.ts'
import type { Counts, EndpointState } from './endpoint-state.ts'

/** An endpoint as the page and the metrics show it. Times in milliseconds. */
export interface EndpointReport {
  readonly name: string
  readonly region?: string
  readonly tier: number
  readonly inFlight: number
  /** By all processes that share it, as far as is known here. */
  readonly inFlightOfAll: number
  /** Orders in line that it could serve. */
  readonly waiting: number
  readonly limit: number
  readonly maxConcurrent: number
  readonly breaker: BreakerState
  /** From now until it may be asked again; 0 when it may. */
  readonly coolingMs: number
  readonly msPerToken?: number
  readonly firstTokenMs?: number
  /** Within which nearly all first tokens come. */
  readonly firstTokenP95Ms?: number
  /** How long the first token of a usual prompt may take; absent until enough is known of this endpoint. */
  readonly firstTokenLimitMs?: number
  readonly serviceMs?: number
  /** Since the last sign of life of any kind. */
  readonly silentMs?: number
  readonly counts: Readonly<Counts>
  /** Of the orders that were placed by this scheduler, from 0 to 1. */
  readonly share: number
}

/** `placed`: orders that the scheduler placed anywhere. */
export function reportOf(state: EndpointState, now: number, placed: number): EndpointReport {
  const { settings, firstMs, serviceMs, signAt } = state
  const { measured } = state.speed
  const { usual, isLearnt } = state.firstToken
  const limitMs = isLearnt ? state.firstToken.limit(settings.firstTokenMs, 0) : settings.firstTokenMs
  return {
    name: state.name,
    ...(settings.region === undefined ? {} : { region: settings.region }),
    tier: settings.priority,
    inFlight: state.inFlight,
    inFlightOfAll: Math.max(state.inFlight, state.permits.heldByAll),
    waiting: state.waiting,
    limit: state.limit.value,
    maxConcurrent: settings.maxConcurrent,
    breaker: state.breaker.state,
    coolingMs: Math.max(0, state.cooling.until - now),
    ...(measured === undefined ? {} : { msPerToken: measured }),
    ...(usual === undefined ? {} : { firstTokenMs: usual }),
    ...(firstMs === undefined ? {} : { firstTokenP95Ms: firstMs }),
    ...(limitMs === undefined ? {} : { firstTokenLimitMs: limitMs }),
    ...(serviceMs === undefined ? {} : { serviceMs }),
    ...(signAt === undefined ? {} : { silentMs: now - signAt }),
    counts: { ...state.counts },
    share: placed === 0 ? 0 : state.counts.placed / placed,
  }
}
