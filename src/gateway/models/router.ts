// What the door needs of a router: its side for bytes, which models there are, how its endpoints are, and what is asked.

import type { DemandView } from '../../router/autoscale.ts'
import type { SchedulerState } from '../../router/scheduler.ts'
import type { WireRouter } from '../../router/wire/upstream.ts'

/** A router; `ConcurrentRouter` is one. What it tells is plain JSON. */
export interface ModelRouter {
  readonly wire: WireRouter
  /** Names under which endpoints may be asked for. */
  models(): readonly { readonly id: string }[]
  /** How the endpoints are. */
  state(): SchedulerState
  /** What is asked of each model, from which an autoscaler's signals are reckoned. */
  demands(): readonly DemandView[]
}
