// When the requests of an open loop are due: constant, Poisson, Gamma, or as a trace says.

import { seeded } from '../core/random.ts'
import { exponential, gamma } from './random.ts'

/** How the gaps between arrivals are drawn. */
export type ArrivalProcess =
  | { kind: 'constant' }
  /** Exponential gaps: what many independent users make. */
  | { kind: 'poisson' }
  /**
   * Gamma gaps. `burstiness` is the shape: 1 is Poisson, below 1 comes in bursts, above 1 is more even; the coefficient
   * of variation of the gaps is 1/√burstiness (as in `vllm bench serve --burstiness`).
   */
  | { kind: 'gamma'; burstiness: number }

/**
 * At most `count` due times in milliseconds from the start of a phase, ascending and below `untilMs`, at `rate` requests
 * per second on average. The first gap is drawn like the others, so that a short phase is not one request too fast.
 */
export function arrivals(
  process: ArrivalProcess,
  rate: number,
  count: number,
  seed: number,
  untilMs = Infinity,
): number[] {
  const random = seeded(seed)
  const mean = 1000 / rate
  const gap = (): number => {
    switch (process.kind) {
      case 'constant':
        return mean
      case 'poisson':
        return mean * exponential(random)
      case 'gamma':
        return mean * gamma(process.burstiness, random)
    }
  }
  const due: number[] = []
  for (let at = gap(); due.length < count && at < untilMs; at += gap()) due.push(at)
  return due
}
