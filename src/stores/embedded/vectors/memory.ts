// The map of the shared memory that holds the int8 vectors. The main thread makes it, one writer fills it, and any
// number of readers scan it at the same time; what they share beyond plain data are a few words read and written with
// Atomics.
//
//   0       header: where the directory is, its length, the next free unit, the epoch
//   4 KiB   one word per scratch: 0 when free, else the epoch in which its scan began, plus one
//   64 KiB  the scratches: the question and the scores of one scan each
//   then    the directory, and blocks of rows

import { AndonError } from '../../../core/errors.ts'
import { kernelBase64 } from './kernel.generated.ts'
import { Instance, Memory, Module } from './webassembly.ts'
import type { SharedMemory } from './webassembly.ts'

/** Indices of 32-bit words in the header. */
export const header = { directory: 0, entries: 1, free: 2, epoch: 3, capacity: 4 } as const
export const scratches = { count: 256, firstWord: 1_024, bytes: 49_152, start: 65_536 } as const
/** Rows that are scored by one call of the kernel. */
export const rowsPerCall = 8_192
/** Bytes of a scratch that hold the question, as 16-bit numbers. */
export const questionBytes = scratches.bytes - rowsPerCall * 4
/** Addresses are kept in units of 64 bytes, so that 4 GiB fit in 32 bits. */
export const unit = 64
export const heapStart = scratches.start + scratches.count * scratches.bytes
const pageBytes = 65_536

/** Words of an entry of the directory. */
export const entryWords = { tenant: 0, generation: 1, first: 2, width: 3, size: 8 } as const
/** Words of a block's header, which takes one unit. */
export const blockWords = { next: 0, count: 1, capacity: 2 } as const

/** Makes the memory to share: address space for `maximumMb`, of which only what is used takes memory. */
export function makeVectorMemory(maximumMb: number = 4_096): SharedMemory {
  const initial = Math.ceil(heapStart / pageBytes) + 1
  const maximum = Math.min(65_536, Math.max(initial, maximumMb * 16))
  return new Memory({ initial, maximum, shared: true })
}

/** Where the parts of a block lie, in bytes from the start of the memory. */
export interface BlockPlaces {
  rows: number
  scales: number
  ids: number
  dead: number
  end: number
}

export function blockPlaces(address: number, capacity: number, width: number): BlockPlaces {
  const rows = address + unit
  const scales = rows + capacity * width
  const ids = align(scales + capacity * 4, 8)
  const dead = ids + capacity * 8
  return { rows, scales, ids, dead, end: align(dead + capacity, unit) }
}

/** Bytes of a row: its dimensions, filled up with zeros to what the kernel reads at once. */
export function rowWidth(dimensions: number): number {
  return align(dimensions, 16)
}

function align(number: number, to: number): number {
  return Math.ceil(number / to) * to
}

/** The memory as one thread sees it: typed views that follow its growth, and the kernel. */
export class VectorView {
  readonly memory: SharedMemory
  /** Scores `count` rows at `rows` against the question; addresses in bytes. */
  readonly dot: (rows: number, count: number, width: number, question: number, out: number) => void
  words: Int32Array = new Int32Array(0)
  bytes: Uint8Array = new Uint8Array(0)
  signed: Int8Array = new Int8Array(0)
  #buffer: SharedArrayBuffer | undefined

  constructor(shared: object) {
    if (!(shared instanceof Memory) || !(shared.buffer instanceof SharedArrayBuffer)) {
      throw new AndonError('invalid', 'The vectors need a shared WebAssembly.Memory, as makeVectorMemory makes it')
    }
    this.memory = shared
    const kernel = new Module(Buffer.from(kernelBase64, 'base64'))
    const { exports } = new Instance(kernel, { env: { memory: shared } })
    this.dot = exports['dot'] as VectorView['dot']
    this.reach(0)
  }

  /** Makes sure that the views reach to `end`, which another thread may have made possible just now. */
  reach(end: number): void {
    if (this.#buffer !== undefined && end <= this.#buffer.byteLength) return
    // Growing by nothing makes this thread take notice of what others have grown.
    if (this.#buffer !== undefined) this.memory.grow(0)
    this.#buffer = this.memory.buffer
    this.words = new Int32Array(this.#buffer)
    this.bytes = new Uint8Array(this.#buffer)
    this.signed = new Int8Array(this.#buffer)
  }

  get byteLength(): number {
    return this.#buffer?.byteLength ?? 0
  }

  /** A word of the block or table at an address, as the writer last published it. */
  word(address: number, index: number): number {
    return Atomics.load(this.words, address / 4 + index)
  }

  setWord(address: number, index: number, value: number): void {
    Atomics.store(this.words, address / 4 + index, value)
  }

  floats(address: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, count)
  }

  doubles(address: number, count: number): Float64Array {
    return new Float64Array(this.memory.buffer, address, count)
  }

  /** Address that a word holds: kept in units, since 4 GiB do not fit in a signed word. */
  address(at: number, index: number): number {
    return (this.word(at, index) >>> 0) * unit
  }

  setAddress(at: number, index: number, address: number): void {
    this.setWord(at, index, address / unit)
  }
}
