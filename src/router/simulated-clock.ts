// A clock that jumps from one moment to the next, for tests and simulations: hours pass in milliseconds, always alike.

import type { Clock } from './clock.ts'
import { moment } from './timetable.ts'
import type { Moment } from './timetable.ts'

/** Later than any real clock, so that no deadline of simulated time looks past to who asks the machine's. */
const begin = 1_000_000_000

export class SimulatedClock implements Clock {
  #now = begin
  readonly #entries: Moment[] = []
  #count = 0

  now(): number {
    return this.#now
  }

  setTimer(ms: number, fired: () => void): () => void {
    const entry = moment(fired)
    entry.at = this.#now + Math.max(0, ms)
    entry.index = this.#count++
    this.#push(entry)
    return () => {
      // Stays in the heap until its time, as nothing.
      entry.index = -1
    }
  }

  /** Goes on until nothing is left to happen, or until the time is reached. Promises are kept between two moments. */
  async run(untilMs = Infinity): Promise<void> {
    const end = begin + untilMs
    for (;;) {
      await turn()
      const next = this.#entries[0]
      if (next === undefined || next.at > end) break
      this.#pop()
      if (next.index < 0) continue
      this.#now = Math.max(this.#now, next.at)
      next.fire(this.#now)
    }
    if (end !== Infinity) this.#now = Math.max(this.#now, end)
  }

  /** Milliseconds since the beginning. */
  get elapsed(): number {
    return this.#now - begin
  }

  #push(entry: Moment): void {
    const heap = this.#entries
    let at = heap.push(entry) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || parent.at <= entry.at) break
      heap[at] = parent
      at = above
    }
    heap[at] = entry
  }

  #pop(): void {
    const heap = this.#entries
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      const left = heap[2 * at + 1]
      const right = heap[2 * at + 2]
      const child = right !== undefined && left !== undefined && right.at < left.at ? right : left
      if (child === undefined || child.at >= last.at) break
      heap[at] = child
      at = child === left ? 2 * at + 1 : 2 * at + 2
    }
    heap[at] = last
  }
}

/** Lets promises that are settled be heard, several links deep. */
async function turn(): Promise<void> {
  for (let link = 0; link < 4; link++) await Promise.resolve()
}
