// What an engine draws: lognormal factors around 1, numbers for texts, one of a list.

import type { Random } from '../core/random.ts'

/** A factor with mean 1 whose logarithm has the standard deviation `sigma` (Box–Muller). */
export function lognormal(random: Random, sigma: number): number {
  if (sigma === 0) return 1
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Math.exp(sigma * normal - (sigma * sigma) / 2)
}

/** A whole number of 32 bits for a text and a seed (FNV-1a over UTF-16 units, mixed at the end). */
export function hashText(text: string, seed = 0): number {
  let hash = (0x811c9dc5 ^ seed) | 0
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** One of a list, which must not be empty. */
export function oneOf<Item>(list: readonly [Item, ...Item[]], random: Random): Item {
  return list[Math.floor(random() * list.length)] ?? list[0]
}
