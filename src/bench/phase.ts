// One phase: one target under one load for one round. This is what a worker is given a share of.

import type { ArrivalProcess } from './arrivals.ts'
import type { RequestRecord } from './record.ts'
import type { ClientState } from './self-checks.ts'
import type { RequestStyle } from './target-client.ts'
import type { Target } from './target.ts'
import type { Workload } from './workload.ts'

/** How requests follow one another. */
export type Load =
  /** Each slot sends its next request when its last one has ended. */
  | { kind: 'closed'; concurrency: number }
  /** Requests are due when the process says so, whether or not the last ones have ended. */
  | { kind: 'open'; rate: number; process: ArrivalProcess }
  /** Due as written down, in milliseconds from the start. */
  | { kind: 'trace'; dueMs: number[] }

/** Everything a phase needs to know. Plain data. */
export interface PhasePlan {
  target: Target
  load: Load
  workload: Workload
  style: RequestStyle
  seed: number
  /** Names the run: the first word of each prompt comes from it too, so that no cache knows the prompt from an earlier run. */
  run: string
  /** Names the cell and the round; the text and the arrivals of a phase come from it and the seed. */
  phase: string
  /** Most requests. */
  requests: number
  /** Nothing is sent after so many milliseconds. */
  durationMs?: number
  /** How long the last answers may take after that, in milliseconds, before they are cut. */
  drainMs: number
  /** Most requests of an open loop under way at once; more wait in the client, and their waiting shows as slip. */
  maxInFlight: number
  /** Requests made before the phase, one after the other, and not counted. */
  warmup: number
  /** Whether the phase ends when the server falls behind for good. */
  stopWhenSaturated: boolean
}

/** How a phase, or a share of one, ended. */
export interface PhaseEnd {
  client: ClientState
  /** Ended early because the server fell behind, or the most requests were under way. */
  saturated: boolean
  /** Ended early because the run was interrupted. */
  interrupted: boolean
}

/** A phase that ran. */
export interface PhaseOutcome extends PhaseEnd {
  records: RequestRecord[]
}

/** The name of a load in tables, files and charts: `c=8`, `rate=4`, `trace`. */
export function loadName(load: Load): string {
  switch (load.kind) {
    case 'closed':
      return `c=${load.concurrency}`
    case 'open':
      return `rate=${load.rate}`
    case 'trace':
      return 'trace'
  }
}
