// What a scenario of this benchmark is given, and what it finds.

import type { Gate } from '../harness.ts'

export interface Stage {
  /** How often the contenders take turns. */
  readonly rounds: number
  /** A Redis that all scenarios share; it is not to be broken. */
  readonly url: string
  /** Whether the packages of others are there. */
  readonly peers: boolean
  /** So many, or far fewer with `--quick`. */
  many(whole: number): number
}

export interface Found {
  /** Rows of one table each; those that begin with other columns say so under `scenario`. */
  readonly rows: readonly Record<string, unknown>[]
  readonly gates: readonly Gate[]
}

export type Scenario = (stage: Stage) => Promise<Found>

/** The clock of the host in milliseconds: one for all of its processes. */
export function hostMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Settles when the moment at the clock of the host is there, asleep until then: there may be more waiters than processors. */
export async function until(at: number): Promise<void> {
  for (let early = at - hostMs(); early > 0; early = at - hostMs())
    await new Promise((resolve) => setTimeout(resolve, Math.ceil(early)))
}
