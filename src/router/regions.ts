// What it costs to be served elsewhere: milliseconds between two regions.

/** `{ 'eu': { 'us': 90 } }`: milliseconds that a caller in the first pays for an endpoint in the second, either way. */
export type Penalties = Readonly<Record<string, Readonly<Record<string, number>>>>

/** Between two regions of which nothing is said. */
export const usualPenaltyMs = 150

/** Milliseconds; 0 in the same region, or when one of the two is nowhere in particular. */
export function penaltyBetween(penalties: Penalties, caller: string | undefined, endpoint: string | undefined): number {
  if (caller === undefined || endpoint === undefined || caller === endpoint) return 0
  return penalties[caller]?.[endpoint] ?? penalties[endpoint]?.[caller] ?? usualPenaltyMs
}
