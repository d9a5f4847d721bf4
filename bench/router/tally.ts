// What a run came to, from its samples and from what the fleet counted.

import { percentile } from '../harness.ts'
import type { EndpointState, Sample } from './shapes.ts'

/** Whether a request got nothing: no whole answer, and of a stream no first token. Who left has lost nothing. */
export function isLost({ end, firstMs, stream }: Sample): boolean {
  return end !== 'done' && end !== 'left' && (!stream || firstMs === undefined)
}

/** A stream that broke after its first token without being told so. */
export function isHidden({ end, firstMs, stream }: Sample): boolean {
  return stream && firstMs !== undefined && (end === 'silent' || end === 'broken' || end === 'timeout')
}

export type Tally = Record<
  | 'requests'
  | 'lost'
  /** Streams that were told of their failure after their first token, and those that were not. */
  | 'told'
  | 'hidden'
  | 'p50'
  | 'p95'
  | 'p99'
  | 'max'
  | 'firstP99'
  /** Requests at the fleet for each one of the clients. */
  | 'attempts'
  /** Most that any request was sent later than planned. */
  | 'slipMs',
  number
>

/** Times of those that succeeded. */
export function tally({
  samples,
  endpoints,
}: {
  samples: readonly Sample[]
  endpoints: readonly EndpointState[]
}): Tally {
  const good = samples.filter(({ end }) => end === 'done').map(({ ms }) => ms)
  const firsts = samples.flatMap(({ firstMs }) => (firstMs === undefined ? [] : [firstMs]))
  const arrived = endpoints.reduce((sum, endpoint) => sum + endpoint.arrived, 0)
  return {
    requests: samples.length,
    lost: samples.filter(isLost).length,
    told: samples.filter(({ end, firstMs }) => end === 'error' && firstMs !== undefined).length,
    hidden: samples.filter(isHidden).length,
    p50: percentile(good, 0.5),
    p95: percentile(good, 0.95),
    p99: percentile(good, 0.99),
    max: good.reduce((most, ms) => Math.max(most, ms), 0),
    firstP99: percentile(firsts, 0.99),
    attempts: arrived / samples.length,
    slipMs: samples.reduce((most, { slipMs }) => Math.max(most, slipMs), 0),
  }
}

/** How often each thing was so. */
export function counts(things: Iterable<string | number>): Record<string, number> {
  const found: Record<string, number> = {}
  for (const thing of things) found[thing] = (found[thing] ?? 0) + 1
  return found
}
