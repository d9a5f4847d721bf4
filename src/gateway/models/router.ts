// What the door needs of a router: its side for bytes, which models there are, and how its endpoints are.

import type { WireRouter } from '../../router/wire/upstream.ts'

/** How one endpoint is, as far as the door tells of it in metrics. */
export interface EndpointView {
  readonly name: string
  readonly inFlight: number
  readonly waiting: number
  readonly limit: number
  readonly breaker: string
}

/** What an autoscaler wants to know of one model. */
export interface ModelSignal {
  readonly model: string
  readonly desired_replicas: number
  readonly queue_seconds_p95: number
}

/** A router; `ConcurrentRouter` is one. What it tells is plain JSON, and may be more than is named here. */
export interface ModelRouter {
  readonly wire: WireRouter
  /** Names under which endpoints may be asked for. */
  models(): readonly { readonly id: string }[]
  state(): { readonly waiting: number; readonly endpoints: readonly EndpointView[] }
  signals(): readonly ModelSignal[]
}
