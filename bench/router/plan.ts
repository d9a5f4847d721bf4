// Which requests are sent and when: drawn once from a seed, and then the same for every target.

import { seeded } from '../harness.ts'
import type { Shot } from './shapes.ts'

export interface Mix {
  seed: number
  /** Requests a second; they arrive as a Poisson process. */
  rate: number
  seconds: number
  /** Share of streams, and tokens of each. */
  streams?: number
  tokens?: number
  /** Share of requests of the class that goes first. */
  high?: number
  deadlineMs?: number
  /** Share of clients that leave, each within so many milliseconds. */
  leaving?: number
  leaveWithinMs?: number
}

/** An open loop: arrivals that wait for nobody. */
export function poisson(mix: Mix): Shot[] {
  const { seed, rate, seconds, streams = 0, tokens = 20, high, deadlineMs, leaving = 0, leaveWithinMs = 500 } = mix
  const random = seeded(seed)
  const shots: Shot[] = []
  for (let at = 0; ;) {
    at += (-Math.log(1 - random()) / rate) * 1_000
    if (at >= seconds * 1_000) return shots
    // Each draws as often as the others, so that one share does not change what another draws.
    const [streamed, first, leaves, when] = [random(), random(), random(), random()]
    shots.push({
      at,
      id: `${seed}-${shots.length}`,
      stream: streamed < streams,
      tokens,
      ...(high === undefined ? {} : { priority: first < high ? 0 : 2 }),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      ...(leaves < leaving ? { leaveAfterMs: when * leaveWithinMs } : {}),
    })
  }
}

/** All at once. */
export function burst(count: number, shot: Pick<Shot, 'stream' | 'tokens'>): Shot[] {
  return Array.from({ length: count }, (_, number) => ({ at: 0, id: `burst-${number}`, ...shot }))
}
