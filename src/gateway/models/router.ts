// What the door needs of a router beside placing requests: which models there are, and how its endpoints are.

import type { WireRouter } from '../../router/wire/upstream.ts'

/** How one endpoint is, as far as the door tells of it. */
export interface EndpointView {
  readonly name: string
  readonly inFlight: number
  readonly limit: number
  readonly breaker: 'closed' | 'open' | 'half-open'
}

/** What an autoscaler wants to know of one model. */
export interface ModelSignals {
  readonly model: string
  readonly queued: number
  readonly inFlight: number
  readonly limit: number
  /** Seconds that nineteen in twenty requests waited less than. */
  readonly queueSeconds: number
  readonly desiredReplicas: number
}

export interface ModelRouter extends WireRouter {
  /** Names under which endpoints may be asked for. */
  models(): readonly string[]
  /** How its endpoints are; plain data. */
  state(): { readonly waiting: number; readonly endpoints: readonly EndpointView[] }
  signals(): readonly ModelSignals[]
}
