// Which beginnings of prompts an endpoint has probably in its cache: prompts become chains of hashes, and the router
// remembers for each endpoint the chains that it sent there last.

/** Characters (or bytes) of a block: about 128 tokens of English. */
export const blockCharacters = 512
/** Longer prompts are told apart by their beginning only. */
const mostBlocks = 1_024

/**
 * Hashes of a prompt's beginnings, shortest first, each of one block more than the one before: two prompts share as many
 * as they have whole blocks in common. A text and its UTF-8 bytes agree while it is ASCII. Not for safety: a collision
 * costs one order a slower start. (FNV-1a over 32 bits, of which 31 are kept so that engines hold them as small integers.)
 */
export function prefixOf(prompt: string | Uint8Array): number[] {
  const blocks = Math.min(mostBlocks, Math.floor(prompt.length / blockCharacters))
  const hashes: number[] = []
  let hash = 0x811c9dc5
  if (typeof prompt === 'string') {
    for (let block = 0, at = 0; block < blocks; block++) {
      for (const end = at + blockCharacters; at < end; at++) hash = Math.imul(hash ^ prompt.charCodeAt(at), 0x01000193)
      hashes.push(mix(hash))
    }
  } else {
    for (let block = 0, at = 0; block < blocks; block++) {
      for (const end = at + blockCharacters; at < end; at++) hash = Math.imul(hash ^ (prompt[at] ?? 0), 0x01000193)
      hashes.push(mix(hash))
    }
  }
  return hashes
}

/** MurmurHash3's last step: every bit in depends on every bit out. */
function mix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 1
}

/** Blocks an endpoint is thought to hold, least recently used out first, as its own cache does. */
export class PrefixMemory {
  readonly #blocks = new Set<number>()
  readonly #most: number
  #trust = 1

  /** `most` blocks. */
  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#blocks.size
  }

  /** How many blocks of this chain it holds, from the beginning. */
  known(prefix: readonly number[]): number {
    let low = 0
    let high = prefix.length
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#blocks.has(prefix[middle - 1] ?? -1)) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Tokens of a prompt that it would have to read anew. */
  uncached(prefix: readonly number[] | undefined, promptTokens: number): number {
    if (prefix === undefined || prefix.length === 0 || this.#blocks.size === 0) return promptTokens
    // The last block is not full: on average half of it.
    const share = this.known(prefix) / (prefix.length + 0.5)
    return promptTokens * (1 - share * this.#trust)
  }

  /** A prompt was sent there. The beginning is touched last, so that ends are forgotten before what they stand on. */
  sent(prefix: readonly number[] | undefined): void {
    if (prefix === undefined) return
    const blocks = this.#blocks
    for (let at = Math.min(prefix.length, this.#most) - 1; at >= 0; at--) {
      const block = prefix[at] ?? 0
      blocks.delete(block)
      blocks.add(block)
    }
    for (const oldest of blocks) {
      if (blocks.size <= this.#most) break
      blocks.delete(oldest)
    }
  }

  /** The server said how many tokens it had: how far to believe this memory. */
  learn(expectedTokens: number, cachedTokens: number): void {
    if (expectedTokens < 64) return
    this.#trust += (Math.min(1, cachedTokens / expectedTokens) - this.#trust) * 0.05
  }

  clear(): void {
    this.#blocks.clear()
    this.#trust = 1
  }
}
