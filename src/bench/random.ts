// Draws for loads: the same seed and labels give the same numbers on every machine, so that two targets can be given the
// very same load.

import { seeded, type Random } from '../core/random.ts'

/** A seed of its own for a part of a run, such as `(seed, 'arrivals', round)`: FNV-1a over seed and labels. */
export function derived(seed: number, ...labels: (string | number)[]): number {
  let hash = 0x811c9dc5
  for (const character of [seed, ...labels].join('\u0000')) {
    hash ^= character.codePointAt(0) ?? 0
    hash = Math.imul(hash, 0x01000193) >>> 0
  }
  // One step of the generator's own mixing, because the last labels are often small numbers.
  return Math.floor(seeded(hash)() * 4_294_967_296)
}

/** Exponential with mean 1. */
export function exponential(random: Random): number {
  return -Math.log1p(-random())
}

/** Standard normal, by Box and Muller. */
export function normal(random: Random): number {
  return Math.sqrt(2 * exponential(random)) * Math.cos(2 * Math.PI * random())
}

/**
 * Gamma with the given shape and mean 1 (scale 1/shape), by Marsaglia and Tsang, "A simple method for generating gamma
 * variables" (2000). Its coefficient of variation is 1/√shape.
 */
export function gamma(shape: number, random: Random): number {
  if (shape < 1) {
    // Their note: Gamma(a) = Gamma(a + 1) · U^(1/a). Scaled by the two means.
    return ((gamma(shape + 1, random) * (shape + 1)) / shape) * (1 - random()) ** (1 / shape)
  }
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = normal(random)
    const v = (1 + c * x) ** 3
    if (v <= 0) continue
    if (Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return (d * v) / shape
  }
}
