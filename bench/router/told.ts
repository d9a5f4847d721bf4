// What Andon's gateway says of itself, as far as this benchmark reads it.

/** Names under which something is counted that is under way or waits. */
const counters = /^(inFlight|waiting|queued|running|held)$/

/** Everything that is under way or waits, added up. Not a number when nothing of the kind is told. */
export function countedIn(state: unknown): number {
  let found = 0
  let sum = 0
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [name, inner] of Object.entries(value)) {
      if (typeof inner === 'number' && counters.test(name)) {
        found++
        sum += inner
      } else walk(inner)
    }
  }
  walk(state)
  return found === 0 ? Number.NaN : sum
}
