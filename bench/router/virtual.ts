// Time that passes only when something is due: hours of traffic are simulated in seconds, and twice the same.

import type { Call } from '../../src/core/station.ts'
import type { Clock } from '../../src/router/clock.ts'

interface Due {
  at: number
  order: number
  run: (() => void) | undefined
}

/** A clock and what is to happen by it, earliest first. */
export class VirtualTime implements Clock {
  #now = 0
  #order = 0
  /** A binary heap: no entry is due before the one at half its index. */
  readonly #heap: Due[] = []

  now(): number {
    return this.#now
  }

  setTimer(ms: number, fired: () => void): () => void {
    const due = this.at(this.#now + Math.max(0, ms), fired)
    return () => {
      due.run = undefined
    }
  }

  at(at: number, run: () => void): Due {
    const due = { at, order: this.#order++, run }
    const heap = this.#heap
    heap.push(due)
    for (let index = heap.length - 1; index > 0;) {
      const above = (index - 1) >> 1
      if (!isBefore(heap[index], heap[above])) break
      swap(heap, index, above)
      index = above
    }
    return due
  }

  /** Lets time pass until nothing is due any more, or until that moment. */
  async run(until = Number.POSITIVE_INFINITY): Promise<void> {
    for (;;) {
      const due = this.#heap[0]
      if (!due || due.at > until) return
      this.#pop()
      if (!due.run) continue
      this.#now = Math.max(this.#now, due.at)
      due.run()
      // Whatever was promised by it happens at the same moment.
      for (let turns = 0; turns < 4; turns++) await Promise.resolve()
    }
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (!last || heap.length === 0) return
    heap[0] = last
    for (let index = 0; ;) {
      const left = 2 * index + 1
      const least = isBefore(heap[left + 1], heap[left]) ? left + 1 : left
      if (!isBefore(heap[least], heap[index])) return
      swap(heap, index, least)
      index = least
    }
  }
}

function isBefore(one: Due | undefined, other: Due | undefined): boolean {
  if (!one) return false
  if (!other) return true
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}

function swap(heap: Due[], one: number, other: number): void {
  const [first, second] = [heap[one], heap[other]]
  if (first && second) [heap[one], heap[other]] = [second, first]
}

/** A caller who waits for as long as it takes. */
export const patient: Call = {
  id: 'bench',
  tenant: 'bench',
  signal: new AbortController().signal,
  deadline: Number.POSITIVE_INFINITY,
}
