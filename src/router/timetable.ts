// Many moments, one timer: a binary heap whose earliest moment is the only one that the clock knows.

import type { Clock } from './clock.ts'

/** Something that is to happen at a moment. It stands in one timetable at most. */
export interface Moment {
  /** Monotonic milliseconds. The timetable's. */
  at: number
  /** Where it stands in the heap; -1 when it stands in none. The timetable's. */
  index: number
  /** Called when the moment has come and it stands in the timetable no more. */
  readonly fire: (now: number) => void
}

export function moment(fire: (now: number) => void): Moment {
  return { at: Infinity, index: -1, fire }
}

export class Timetable implements Disposable {
  readonly #clock: Clock
  readonly #idle: boolean
  readonly #heap: Moment[] = []
  #armedFor = Infinity
  #disarm: (() => void) | undefined

  /** `idle`: its moments keep no program alive. */
  constructor(clock: Clock, idle = false) {
    this.#clock = clock
    this.#idle = idle
  }

  get size(): number {
    return this.#heap.length
  }

  /** Enters a moment, or moves it. Infinity takes it out. */
  set(entry: Moment, at: number): void {
    if (at === Infinity) {
      this.delete(entry)
      return
    }
    const before = entry.at
    entry.at = at
    if (entry.index < 0) {
      entry.index = this.#heap.push(entry) - 1
      this.#rise(entry)
    } else if (at < before) this.#rise(entry)
    else this.#sink(entry)
    this.#arm()
  }

  delete(entry: Moment): void {
    const { index } = entry
    if (index < 0) return
    entry.index = -1
    const last = this.#heap.pop()
    if (last !== undefined && last !== entry) {
      last.index = index
      this.#heap[index] = last
      this.#rise(last)
      this.#sink(last)
    }
    // An armed timer may come for nothing, once; only an empty timetable puts it away, so that a program may end.
    if (this.#heap.length === 0) this.#putAway()
  }

  [Symbol.dispose](): void {
    for (const entry of this.#heap) entry.index = -1
    this.#heap.length = 0
    this.#putAway()
  }

  #putAway(): void {
    this.#disarm?.()
    this.#disarm = undefined
    this.#armedFor = Infinity
  }

  #arm(): void {
    const [first] = this.#heap
    if (first === undefined || first.at >= this.#armedFor) return
    this.#disarm?.()
    this.#armedFor = first.at
    this.#disarm = this.#clock.setTimer(first.at - this.#clock.now(), () => this.#fire(), this.#idle)
  }

  #fire(): void {
    this.#disarm = undefined
    this.#armedFor = Infinity
    const now = this.#clock.now()
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      this.delete(first)
      first.fire(now)
    }
    this.#arm()
  }

  #rise(entry: Moment): void {
    const heap = this.#heap
    let { index } = entry
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || parent.at <= entry.at) break
      heap[index] = parent
      parent.index = index
      index = above
    }
    heap[index] = entry
    entry.index = index
  }

  #sink(entry: Moment): void {
    const heap = this.#heap
    let { index } = entry
    for (;;) {
      const left = heap[2 * index + 1]
      const right = heap[2 * index + 2]
      const child = right !== undefined && left !== undefined && right.at < left.at ? right : left
      if (child === undefined || child.at >= entry.at) break
      const below = child.index
      heap[index] = child
      child.index = index
      index = below
    }
    heap[index] = entry
    entry.index = index
  }
}
