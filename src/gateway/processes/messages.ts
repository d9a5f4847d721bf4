// What the first process of a gateway and its workers say to each other, as JSON over the line that a fork has.

import type { Code } from '../../core/errors.ts'
import type { DemandView } from '../../router/autoscale.ts'
import type { ModelEndpoint } from '../../router/endpoint.ts'
import type { SchedulerState } from '../../router/scheduler.ts'
import type { Count } from './counts.ts'

/** What a worker shows of itself when it is asked. */
export interface Shown {
  state: SchedulerState
  demands: readonly DemandView[]
  metrics: MetricsShown
  readiness: { readonly status: Readiness }
}

/** Whether it takes requests and any endpoint does; if not, why. */
export type Readiness = 'ready' | 'draining' | 'late' | 'not ready'

export type What = keyof Shown

export interface MetricsShown {
  /** What it counts and measures of requests. */
  readonly counted: readonly Metric[]
  /** Of the process itself: memory, CPU, the event loop. */
  readonly process: readonly Metric[]
  readonly demands: readonly DemandView[]
}

/** One metric as prom-client writes it as JSON. */
export interface Metric {
  readonly name: string
  readonly help: string
  readonly type: unknown
  readonly aggregator: string
  readonly values: readonly MetricValue[]
}

interface MetricValue {
  readonly value: number
  readonly labels: Readonly<Partial<Record<string, string | number>>>
  readonly metricName?: string
}

/** What was seen of all workers at one look. */
export interface Seen<Which extends What = What> {
  readonly shown: readonly { readonly process: number; readonly shown: Shown[Which] }[]
  /** Numbers of those that did not answer in time. */
  readonly silent: readonly number[]
  /** What workers that are gone, or silent now, had counted when they were last seen; and what is counted of workers. */
  readonly before: readonly Metric[]
}

export type FromWorker =
  | { readonly say: 'hello' }
  | { readonly say: 'pong' }
  | { readonly say: 'listening'; readonly url: string }
  /** It takes no requests, and ends: this is why. */
  | { readonly say: 'failed'; readonly code: Code; readonly sentence: string }
  | { readonly say: 'look'; readonly look: number; readonly what: What }
  | { readonly say: 'shown'; readonly look: number; readonly shown: Shown[What] | undefined }
  | { readonly say: 'counted'; readonly counts: readonly Count[] }
  /** It has the endpoints of this reload; or it goes on with those before, and this is why. */
  | { readonly say: 'reloaded'; readonly reload: number; readonly wrong?: string }

export type FromFirst =
  | {
      readonly say: 'welcome'
      /** The worker's number, from 1; who takes another's place has its number. */
      readonly process: number
      /** How many there are to be. */
      readonly processes: number
      /** What was counted before. */
      readonly counts: readonly Count[]
    }
  /** Whoever hears it says `pong`: its event loop turns. */
  | { readonly say: 'ping' }
  | { readonly say: 'show'; readonly look: number; readonly what: What }
  | { readonly say: 'seen'; readonly look: number; readonly seen: Seen }
  | { readonly say: 'counted'; readonly counts: readonly Count[] }
  /** Other endpoints from now on. All are told the same, whatever stands in a file by then. */
  | { readonly say: 'reload'; readonly reload: number; readonly endpoints: readonly ModelEndpoint[] }
  | { readonly say: 'stop' }
