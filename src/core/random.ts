// Chance that comes out the same for the same seed on every machine: what was decided by it can be decided again.

/** Numbers from 0 (included) to 1 (not included), as many as are asked for. */
export type Random = () => number

/** A generator for a seed: mulberry32 (public domain, T. Ettinger), 32 bits of state. For draws and noise, not for secrets. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
