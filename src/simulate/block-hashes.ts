// The hash chain of a prompt's blocks: each block's hash holds all tokens before it, so that equal hashes mean equal
// beginnings (as in vLLM's automatic prefix caching).

/** Starts a chain: prompts of another model or with another salt share nothing. */
export function chainStart(model: string, salt: string): number {
  let hash = 17
  for (const text of [model, '\u0000', salt])
    for (let at = 0; at < text.length; at++) hash = mix(hash, text.charCodeAt(at))
  return hash
}

/** The hashes of the full blocks of `size` tokens; the rest of fewer tokens has none. */
export function blockHashes(tokens: readonly number[], size: number, start: number): number[] {
  const hashes: number[] = []
  let hash = start
  const full = Math.floor(tokens.length / size) * size
  for (let at = 0; at < full; at++) {
    hash = mix(hash, tokens[at] ?? 0)
    if ((at + 1) % size === 0) hashes.push(hash)
  }
  return hashes
}

/** 53 bits out of two multiplications: two different beginnings meet by chance once in 10^15. */
export function mix(hash: number, value: number): number {
  const low = hash >>> 0
  const high = Math.floor(hash / 4_294_967_296)
  const valueLow = value >>> 0
  const valueHigh = Math.floor(value / 4_294_967_296)
  let one = Math.imul(low ^ valueLow, 0x9e3779b1) ^ Math.imul(high ^ valueHigh, 0x85ebca77)
  let other = Math.imul(high ^ valueLow, 0xc2b2ae3d) ^ Math.imul(low ^ valueHigh, 0x27d4eb2f)
  one = Math.imul(one ^ (one >>> 15), 0x2c1b3c6d)
  other = Math.imul(other ^ (other >>> 13), 0x297a2d39)
  return ((other ^ (one >>> 16)) & 0x1fffff) * 4_294_967_296 + ((one ^ (other >>> 15)) >>> 0)
}
