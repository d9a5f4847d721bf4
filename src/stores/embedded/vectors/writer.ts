// The one writer of the shared vectors. Rows are only ever appended and marked dead, never changed in place, so that
// scans need no lock; rows are published by raising a block's count after they are written.

import { AndonError } from '../../../core/errors.ts'
import { editionOf } from '../rows.ts'
import {
  blockPlaces,
  blockWords,
  entryWords,
  header,
  heapStart,
  rowWidth,
  scratches,
  unit,
  VectorView,
} from './memory.ts'

/** The rows of one tenant in one generation. */
interface Chain {
  entry: number
  width: number
  blocks: { address: number; capacity: number }[]
  rows: number
  dead: number
}

const smallestBlock = 64
const largestBlockBytes = 4 * 1024 * 1024
const growBytes = 8 * 1024 * 1024
/** A chain is written anew when this share of it, and this many rows, are dead. */
const deadShare = 0.3
const deadRows = 256

export class VectorWriter {
  readonly #view: VectorView
  readonly #chains = new Map<string, Chain>()
  readonly #unused = new Map<number, number[]>()
  #retired: { epoch: number; address: number; bytes: number }[] = []

  /** Begins with an empty directory; waits for scans of an earlier writer's rows to end (at most a second). */
  constructor(memory: object) {
    const view = new VectorView(memory)
    this.#view = view
    view.setWord(0, header.directory, 0)
    for (let slot = 0; slot < scratches.count; slot++) {
      const word = scratches.firstWord + slot
      const state = Atomics.load(view.words, word)
      if (state !== 0) Atomics.wait(view.words, word, state, 1_000)
      Atomics.store(view.words, word, 0)
    }
    view.setAddress(0, header.free, heapStart)
    view.setWord(0, header.entries, 0)
    view.setWord(0, header.capacity, 0)
    this.#growDirectory(1_024)
  }

  /** Adds a row, or puts another vector in its place. */
  put(tenant: number, generation: number, row: number, values: Int8Array, scale: number, replaces: boolean): void {
    const chain = this.#chain(tenant, generation, values.length)
    if (replaces) this.#kill(chain, (id) => id === row)
    this.#append(chain, row, values, scale)
    this.#compactWhenDue(chain)
  }

  removeEdition(tenant: number, generation: number, edition: number): void {
    const chain = this.#chains.get(`${tenant} ${generation}`)
    if (!chain) return
    this.#kill(chain, (id) => editionOf(id) === edition)
    this.#compactWhenDue(chain)
  }

  removeGeneration(generation: number): void {
    const directory = this.#view.address(0, header.directory)
    for (const [key, chain] of this.#chains) {
      if (!key.endsWith(` ${generation}`)) continue
      this.#view.setWord(directory + chain.entry * entryWords.size * 4, entryWords.tenant, -1)
      this.#retire(chain)
      this.#chains.delete(key)
    }
  }

  /** Rows that can be found, and bytes of memory in use. */
  get size(): { rows: number; bytes: number } {
    let rows = 0
    for (const chain of this.#chains.values()) rows += chain.rows - chain.dead
    return { rows, bytes: this.#view.address(0, header.free) }
  }

  #chain(tenant: number, generation: number, dimensions: number): Chain {
    const key = `${tenant} ${generation}`
    const known = this.#chains.get(key)
    if (known) return known
    const view = this.#view
    const entry = view.word(0, header.entries)
    if (entry >= view.word(0, header.capacity)) this.#growDirectory(entry * 2)
    const at = view.address(0, header.directory) + entry * entryWords.size * 4
    const width = rowWidth(dimensions)
    view.setWord(at, entryWords.generation, generation)
    view.setWord(at, entryWords.first, 0)
    view.setWord(at, entryWords.width, width)
    view.setWord(at, entryWords.tenant, tenant)
    view.setWord(0, header.entries, entry + 1)
    const chain: Chain = { entry, width, blocks: [], rows: 0, dead: 0 }
    this.#chains.set(key, chain)
    return chain
  }

  #append(chain: Chain, row: number, values: Int8Array, scale: number): void {
    const view = this.#view
    let last = chain.blocks.at(-1)
    let count = last ? view.word(last.address, blockWords.count) : 0
    if (!last || count >= last.capacity) {
      last = this.#newBlock(chain)
      count = 0
    }
    const places = blockPlaces(last.address, last.capacity, chain.width)
    view.signed.set(values, places.rows + count * chain.width)
    view.floats(places.scales + count * 4, 1)[0] = scale
    view.doubles(places.ids + count * 8, 1)[0] = row
    view.setWord(last.address, blockWords.count, count + 1)
    chain.rows++
  }

  /** Small tenants get small blocks; a chain's blocks grow with it. */
  #newBlock(chain: Chain): { address: number; capacity: number } {
    const largest = Math.max(smallestBlock, 2 ** Math.floor(Math.log2(largestBlockBytes / chain.width)))
    const before = chain.blocks.at(-1)
    const capacity = before ? Math.min(before.capacity * 2, largest) : smallestBlock
    const bytes = blockPlaces(0, capacity, chain.width).end
    const address = this.#allocate(bytes)
    const view = this.#view
    view.bytes.fill(0, address, address + bytes)
    view.setWord(address, blockWords.capacity, capacity)
    const block = { address, capacity }
    if (before) view.setAddress(before.address, blockWords.next, address)
    else
      view.setAddress(view.address(0, header.directory) + chain.entry * entryWords.size * 4, entryWords.first, address)
    chain.blocks.push(block)
    return block
  }

  #kill(chain: Chain, matches: (id: number) => boolean): void {
    const view = this.#view
    for (const { address, capacity } of chain.blocks) {
      const count = view.word(address, blockWords.count)
      const places = blockPlaces(address, capacity, chain.width)
      const ids = view.doubles(places.ids, count)
      for (let at = 0; at < count; at++) {
        if (!matches(ids[at] ?? 0) || view.bytes[places.dead + at] !== 0) continue
        Atomics.store(view.bytes, places.dead + at, 1)
        chain.dead++
      }
    }
  }

  #compactWhenDue(chain: Chain): void {
    if (chain.dead < deadRows || chain.dead < chain.rows * deadShare) return
    const view = this.#view
    const fresh: Chain = { entry: chain.entry, width: chain.width, blocks: [], rows: 0, dead: 0 }
    const directory = view.address(0, header.directory) + chain.entry * entryWords.size * 4
    const first = view.address(directory, entryWords.first)
    for (const { address, capacity } of chain.blocks) {
      const count = view.word(address, blockWords.count)
      const places = blockPlaces(address, capacity, chain.width)
      const ids = view.doubles(places.ids, count)
      const scales = view.floats(places.scales, count)
      for (let at = 0; at < count; at++) {
        if (view.bytes[places.dead + at] !== 0) continue
        const start = places.rows + at * chain.width
        this.#append(fresh, ids[at] ?? 0, view.signed.subarray(start, start + chain.width), scales[at] ?? 0)
        // The first block of the new chain took the old one's place in the directory: keep it out until it is whole.
        if (fresh.rows === 1) view.setAddress(directory, entryWords.first, first)
      }
    }
    view.setAddress(directory, entryWords.first, fresh.blocks[0]?.address ?? 0)
    this.#retire(chain)
    Object.assign(chain, fresh)
  }

  /** Blocks are used again when every scan that may still read them has ended. */
  #retire(chain: Chain): void {
    const epoch = Atomics.add(this.#view.words, header.epoch, 1) + 1
    for (const { address, capacity } of chain.blocks) {
      this.#retired.push({ epoch, address, bytes: blockPlaces(0, capacity, chain.width).end })
    }
  }

  #allocate(bytes: number): number {
    const view = this.#view
    if (this.#retired.length > 0) {
      let oldest = Infinity
      for (let slot = 0; slot < scratches.count; slot++) {
        const state = Atomics.load(view.words, scratches.firstWord + slot)
        if (state !== 0) oldest = Math.min(oldest, state - 1)
      }
      for (const { epoch, address, bytes: size } of this.#retired) {
        if (epoch <= oldest) this.#unused.set(size, [...(this.#unused.get(size) ?? []), address])
      }
      this.#retired = this.#retired.filter(({ epoch }) => epoch > oldest)
    }
    const again = this.#unused.get(bytes)?.pop()
    if (again !== undefined) return again
    const address = view.address(0, header.free)
    const end = address + bytes
    if (end > view.byteLength) {
      const missing = Math.max(end - view.byteLength, growBytes)
      try {
        view.memory.grow(Math.ceil(missing / 65_536))
      } catch (reason) {
        throw new AndonError(
          'overloaded',
          `The vectors fill the ${Math.floor(view.byteLength / 2 ** 20)} MiB of shared memory they may take. Raise its maximum, or use an embedder with fewer dimensions.`,
          { cause: reason },
        )
      }
      view.reach(end)
    }
    view.setAddress(0, header.free, Math.ceil(end / unit) * unit)
    return address
  }

  /** Moves the directory to a larger place. Scans that read the old one find what was true when they began. */
  #growDirectory(capacity: number): void {
    const view = this.#view
    const bytes = capacity * entryWords.size * 4
    const address = this.#allocate(bytes)
    const before = view.address(0, header.directory)
    const used = view.word(0, header.entries) * entryWords.size * 4
    view.bytes.fill(0, address, address + bytes)
    view.bytes.copyWithin(address, before, before + used)
    view.setWord(0, header.capacity, capacity)
    view.setAddress(0, header.directory, address)
  }
}
