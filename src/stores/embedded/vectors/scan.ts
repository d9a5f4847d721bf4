// The exact scan: every row of one tenant and generation against one question, and the best of them kept.

import { AndonError } from '../../../core/errors.ts'
import {
  blockPlaces,
  blockWords,
  entryWords,
  header,
  questionBytes,
  rowsPerCall,
  scratches,
  VectorView,
} from './memory.ts'
import { quantise } from './quantise.ts'

/** The best rows of a scan, best first. */
export interface Candidates {
  rows: number[]
  /** Whether there were more rows than were asked for. */
  more: boolean
}

/** One thread's scanner. */
export class VectorScanner {
  readonly #view: VectorView

  constructor(memory: object) {
    this.#view = new VectorView(memory)
  }

  /** The `limit` rows that `allows` and that are nearest by their int8 values. */
  scan(
    tenant: number,
    generation: number,
    question: Float32Array,
    limit: number,
    allows: (row: number) => boolean,
  ): Candidates {
    const view = this.#view
    const slot = this.#enter()
    try {
      const directory = view.address(0, header.directory)
      if (directory === 0) {
        throw new AndonError('unavailable', 'The vectors are being loaded into memory', { retryAfterMs: 500 })
      }
      const entries = view.word(0, header.entries)
      view.reach(directory + entries * entryWords.size * 4)
      for (let entry = 0; entry < entries; entry++) {
        const at = directory + entry * entryWords.size * 4
        if (view.word(at, entryWords.tenant) !== tenant || view.word(at, entryWords.generation) !== generation) continue
        const scratch = scratches.start + slot * scratches.bytes
        return this.#scanChain(at, scratch, question, limit, allows)
      }
      return { rows: [], more: false }
    } finally {
      const word = scratches.firstWord + slot
      Atomics.store(view.words, word, 0)
      Atomics.notify(view.words, word)
    }
  }

  #scanChain(
    entry: number,
    scratch: number,
    question: Float32Array,
    limit: number,
    allows: (row: number) => boolean,
  ): Candidates {
    const view = this.#view
    const width = view.word(entry, entryWords.width)
    const wide = new Int16Array(view.memory.buffer, scratch, width)
    wide.fill(0)
    wide.set(quantise(question).values)
    const out = scratch + questionBytes
    const scores = new Int32Array(view.memory.buffer, out, rowsPerCall)
    const best = new Best(limit)
    for (let block = view.address(entry, entryWords.first); block !== 0; block = view.address(block, blockWords.next)) {
      view.reach(block + 64)
      const count = view.word(block, blockWords.count)
      const capacity = view.word(block, blockWords.capacity)
      const places = blockPlaces(block, capacity, width)
      view.reach(places.end)
      const scales = view.floats(places.scales, capacity)
      const ids = view.doubles(places.ids, capacity)
      const { bytes } = view
      for (let from = 0; from < count; from += rowsPerCall) {
        const rows = Math.min(rowsPerCall, count - from)
        view.dot(places.rows + from * width, rows, width, scratch, out)
        let threshold = best.threshold
        for (let at = 0; at < rows; at++) {
          const score = (scores[at] as number) * (scales[from + at] as number)
          if (score <= threshold) continue
          const row = ids[from + at] as number
          if (bytes[places.dead + from + at] !== 0 || !allows(row)) continue
          best.add(score, row)
          threshold = best.threshold
        }
      }
    }
    return { rows: best.rows(), more: best.full }
  }

  /** Takes a free scratch, marked with the epoch in which this scan begins. */
  #enter(): number {
    const { words } = this.#view
    for (let attempt = 0; attempt < 1_000; attempt++) {
      for (let slot = 0; slot < scratches.count; slot++) {
        const epoch = Atomics.load(words, header.epoch) + 1
        if (Atomics.compareExchange(words, scratches.firstWord + slot, 0, epoch) === 0) return slot
      }
      Atomics.wait(words, scratches.firstWord, Atomics.load(words, scratches.firstWord), 1)
    }
    throw new AndonError('overloaded', `All ${scratches.count} scans at once are under way`, { retryAfterMs: 100 })
  }
}

/** The best scores so far, as a binary heap with the worst on top. */
class Best {
  readonly #limit: number
  readonly #scores: Float64Array
  readonly #rows: Float64Array
  #size = 0

  constructor(limit: number) {
    this.#limit = limit
    this.#scores = new Float64Array(limit)
    this.#rows = new Float64Array(limit)
  }

  /** What a score must exceed to be kept. */
  get threshold(): number {
    return this.#size < this.#limit ? -Infinity : (this.#scores[0] ?? -Infinity)
  }

  get full(): boolean {
    return this.#size === this.#limit
  }

  add(score: number, row: number): void {
    const scores = this.#scores
    const rows = this.#rows
    if (this.#size < this.#limit) {
      let at = this.#size++
      while (at > 0) {
        const parent = (at - 1) >> 1
        if ((scores[parent] as number) <= score) break
        scores[at] = scores[parent] as number
        rows[at] = rows[parent] as number
        at = parent
      }
      scores[at] = score
      rows[at] = row
      return
    }
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= this.#size) break
      if (child + 1 < this.#size && (scores[child + 1] as number) < (scores[child] as number)) child++
      if ((scores[child] as number) >= score) break
      scores[at] = scores[child] as number
      rows[at] = rows[child] as number
      at = child
    }
    scores[at] = score
    rows[at] = row
  }

  rows(): number[] {
    const order = Array.from({ length: this.#size }, (_, at) => at)
    order.sort((a, b) => (this.#scores[b] as number) - (this.#scores[a] as number))
    return order.map((at) => this.#rows[at] as number)
  }
}
