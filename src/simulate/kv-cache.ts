// The KV cache in blocks: who uses which block, which of them hold a known beginning, and which free one goes next.
//
// A block is in use (count of users > 0) or on the free list, which is in order of last use. A free block keeps what it
// holds until it is taken for something else; a prompt that begins alike takes it back from the list. This is the block
// manager of PagedAttention (arXiv:2309.06180) with vLLM's prefix caching.

/** Blocks by their ids, in the order of the tokens they hold. */
export type BlockTable = number[]

export class KvCache {
  readonly size: number
  readonly #users: Int32Array
  /** The hash of what a block holds; NaN when it is none's beginning. */
  readonly #hash: Float64Array
  readonly #byHash = new Map<number, number>()
  // The free list, linked both ways; the last place is its head and tail.
  readonly #next: Int32Array
  readonly #previous: Int32Array
  #free: number

  constructor(blocks: number) {
    this.size = blocks
    this.#users = new Int32Array(blocks)
    this.#hash = new Float64Array(blocks).fill(NaN)
    this.#next = Int32Array.from({ length: blocks + 1 }, (_, at) => (at + 1) % (blocks + 1))
    this.#previous = Int32Array.from({ length: blocks + 1 }, (_, at) => (at + blocks) % (blocks + 1))
    this.#free = blocks
  }

  /** Blocks that nobody uses, whatever they still hold. */
  get free(): number {
    return this.#free
  }

  /** Share of the blocks in use, from 0 to 1. */
  get usage(): number {
    return this.size === 0 ? 0 : (this.size - this.#free) / this.size
  }

  /** How many of the first `most` hashes are held, from the first on. */
  hits(hashes: readonly number[], most: number): number {
    let count = 0
    while (count < most && count < hashes.length && this.#byHash.has(hashes[count] ?? NaN)) count++
    return count
  }

  /**
   * A table of `count` blocks whose first `hits` are those that hold these hashes (see `hits`). Undefined, and nothing
   * taken, when there are too few free ones.
   */
  admit(hashes: readonly number[], hits: number, count: number): BlockTable | undefined {
    const held = hashes.slice(0, hits).map((hash) => this.#byHash.get(hash) ?? -1)
    const idle = held.filter((block) => (this.#users[block] ?? 0) === 0).length
    if (idle + Math.max(0, count - hits) > this.#free) return undefined
    for (const block of held) this.#use(block)
    const table: BlockTable = held
    while (table.length < count) table.push(this.#take())
    return table
  }

  /** One more block at the end of a table; false when none is free. */
  grow(table: BlockTable): boolean {
    if (this.#free === 0) return false
    table.push(this.#take())
    return true
  }

  /** Says that a block is full and what it holds. Of two with the same the first is the one that is found. */
  seal(block: number, hash: number): void {
    if (!Number.isNaN(this.#hash[block] ?? NaN) || this.#byHash.has(hash)) return
    this.#hash[block] = hash
    this.#byHash.set(hash, block)
  }

  /** Gives a table back and empties it. Its end goes first when blocks are needed: beginnings are shared more often. */
  release(table: BlockTable): void {
    for (let block = table.pop(); block !== undefined; block = table.pop()) {
      const users = (this.#users[block] ?? 0) - 1
      this.#users[block] = users
      if (users > 0) continue
      this.#free++
      // One that holds no beginning helps nobody, and goes before all that do.
      this.#link(block, Number.isNaN(this.#hash[block] ?? NaN) ? this.size : (this.#previous[this.size] ?? this.size))
    }
  }

  /** Forgets all beginnings. Tables stay. */
  forget(): void {
    this.#hash.fill(NaN)
    this.#byHash.clear()
  }

  #use(block: number): void {
    const users = this.#users[block] ?? 0
    this.#users[block] = users + 1
    if (users > 0) return
    this.#free--
    this.#unlink(block)
  }

  /** The free block that was used longest ago; there must be one. */
  #take(): number {
    const block = this.#next[this.size] ?? this.size
    const hash = this.#hash[block] ?? NaN
    if (!Number.isNaN(hash)) {
      this.#byHash.delete(hash)
      this.#hash[block] = NaN
    }
    this.#use(block)
    return block
  }

  #link(block: number, behind: number): void {
    const next = this.#next[behind] ?? this.size
    this.#next[behind] = block
    this.#previous[block] = behind
    this.#next[block] = next
    this.#previous[next] = block
  }

  #unlink(block: number): void {
    const next = this.#next[block] ?? this.size
    const previous = this.#previous[block] ?? this.size
    this.#next[previous] = next
    this.#previous[next] = previous
  }
}
