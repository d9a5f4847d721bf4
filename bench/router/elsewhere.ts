// How long requests were kept back by an endpoint that failed them, before they were at the one that answered.

import type { EndpointState, Sample } from './shapes.ts'

/** How late an answer may be, in milliseconds, because an endpoint failed at once. */
export const failoverMs = 50

/**
 * Milliseconds that each request lost that needed a second attempt and was answered: from when its client sent it until it
 * was at the endpoint that answered. The way there and any line are within, so it is never less than what was lost. One that
 * was under way when its endpoint died could not be moved sooner: it counts from `diedAt`, on the shared clock.
 *
 * A gateway that does not tell its attempts shows only those that arrived at two endpoints.
 */
export function lostMs(
  { samples, endpoints }: { samples: readonly Sample[]; endpoints: readonly EndpointState[] },
  diedAt = Number.NEGATIVE_INFINITY,
): number[] {
  const arrivals = Map.groupBy(
    endpoints.flatMap(({ arrivals }) => arrivals),
    ({ id }) => id,
  )
  return samples.flatMap(({ id, end, attempts, sentAt }) => {
    const own = arrivals.get(id) ?? []
    if (end !== 'done' || own.length === 0 || (attempts ?? own.length) < 2) return []
    return [Math.max(...own.map(({ at }) => at)) - Math.max(sentAt, diedAt)]
  })
}
