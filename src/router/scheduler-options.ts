// What can be said about scheduling, and what holds when nothing is said.

import type { OpenPermits } from '../concurrency/permits.ts'
import type { BreakerOptions } from './breaker.ts'
import type { Strategy } from './choice.ts'
import type { Clock } from './clock.ts'
import type { Failure } from './order.ts'
import type { Penalties } from './regions.ts'

export interface SchedulerOptions {
  /** Most orders that wait, for each ability. Default 1,000. A better class displaces the last of a worse one. */
  readonly queue?: number
  /** Who waits longer, in milliseconds, gets one place of four before better classes. Default 5,000. */
  readonly ageMs?: number
  /** Milliseconds between regions. Default: 150 between any two. */
  readonly penalties?: Penalties
  /** Default `least-cost`; with `permits` and more than eight endpoints to choose from `two-choices`. */
  readonly strategy?: Strategy
  /** Seed of all that is left to chance. Default: chance. */
  readonly random?: number
  /** Default: the machine's. */
  readonly clock?: Clock
  /** When more than this share of endpoints is shut, those are used too if no other has a place. Default 0.5. */
  readonly panic?: number
  /** When an endpoint is shut, and for how long. */
  readonly breaker?: Pick<BreakerOptions, 'failures' | 'firstMs' | 'mostMs' | 'probeMs'>
  /** How orders at an endpoint are counted. Default: in this process. */
  readonly permits?: OpenPermits
  /** Blocks of 512 characters that each endpoint is thought to have in its cache. Default 4,096: half a million tokens. */
  readonly prefixBlocks?: number
  /** Share of their places that endpoints should use when their number is right. Default 0.75. */
  readonly use?: number
  /**
   * An endpoint is shut and it is time to ask for its health; the answer goes to `endpoint(name).probed(ok)`. Asked again
   * until it is well. With this, orders are sent there only after a good answer; without, one order tries.
   */
  readonly onProbeWanted?: (name: string) => void
  /** An endpoint is used no more for now, or again. */
  readonly onHealth?: (news: HealthNews) => void
}

export type HealthNews =
  | {
      readonly endpoint: string
      readonly kind: 'down' | 'cooling'
      readonly failure: Failure
      readonly untilMs: number
    }
  | { readonly endpoint: string; readonly kind: 'up' }
