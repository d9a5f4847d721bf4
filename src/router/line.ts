// Those who wait for a place, first the better class and in it whoever came first; but one place of four goes to whoever
// has waited too long, so that no class starves and none is pushed aside.

import type { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import type { Lease, Order } from './order.ts'
import type { Pool } from './pools.ts'
import type { Moment } from './timetable.ts'

/** Priorities from 0 to 9; a higher one stands with 9. */
const classes = 10
const usualPriority = 1

/** Of so many places one goes to whoever has waited longer than the ageing time, when there is one. */
const placesPerAged = 4

/** An order that waits. It leaves the line before anything is told to it, so it is told exactly one thing. */
export interface Waiter {
  readonly order: Order
  readonly call: Call
  readonly tried: ReadonlySet<string> | undefined
  /** Monotonic milliseconds at which it came. */
  readonly since: number
  readonly class: number
  readonly grant: (lease: Lease) => void
  readonly refuse: (reason: AndonError) => void
  /** Its own deadline. */
  readonly deadline: Moment
  /** Stops listening to the call. */
  deaf: () => void
  /** In whose line it stands. */
  pool: Pool | undefined
  before: Waiter | undefined
  behind: Waiter | undefined
}

/** The class of a priority. */
export function classOf(priority: number | undefined): number {
  return Math.max(0, Math.min(classes - 1, Math.floor(priority ?? usualPriority)))
}

/** What the lines of one ability share: how many wait in them, how many may, and how many were served. */
export interface Room {
  used: number
  readonly most: number
  served: number
}

export class Line {
  readonly room: Room
  readonly #ageMs: number
  readonly #first: (Waiter | undefined)[] = Array.from({ length: classes })
  readonly #last: (Waiter | undefined)[] = Array.from({ length: classes })
  readonly #sizes: number[] = Array.from({ length: classes }, () => 0)
  #size = 0

  constructor(room: Room, ageMs: number) {
    this.room = room
    this.#ageMs = ageMs
  }

  get size(): number {
    return this.#size
  }

  add(waiter: Waiter): void {
    const last = this.#last[waiter.class]
    waiter.before = last
    waiter.behind = undefined
    if (last === undefined) this.#first[waiter.class] = waiter
    else last.behind = waiter
    this.#last[waiter.class] = waiter
    this.#count(waiter.class, 1)
  }

  /** It has to stand in this line. */
  remove(waiter: Waiter): void {
    const { before, behind } = waiter
    if (before === undefined) this.#first[waiter.class] = behind
    else before.behind = behind
    if (behind === undefined) this.#last[waiter.class] = before
    else behind.before = before
    waiter.before = undefined
    waiter.behind = undefined
    this.#count(waiter.class, -1)
  }

  /** How many would be served before a newcomer of this class, as things stand. */
  ahead(ofClass: number): number {
    let count = 0
    for (let at = 0; at <= ofClass; at++) count += this.#sizes[at] ?? 0
    return count
  }

  /** Whose turn it is. */
  next(now: number): Waiter | undefined {
    const first = this.#from(0)
    if (!this.#agedTurn) return first
    let oldest = first
    for (const head of this.#first) {
      if (head !== undefined && oldest !== undefined && head.since < oldest.since) oldest = head
    }
    return oldest !== undefined && now - oldest.since >= this.#ageMs ? oldest : first
  }

  /** Before whom it goes, in this line or another: its class, or before all classes when its waiting makes it so. */
  rank(waiter: Waiter, now: number): number {
    return this.#agedTurn && now - waiter.since >= this.#ageMs ? -1 : waiter.class
  }

  /** The first of the best class. */
  first(): Waiter | undefined {
    return this.#from(0)
  }

  /** Whoever stands behind, in the same class or the next. */
  after(waiter: Waiter): Waiter | undefined {
    return waiter.behind ?? this.#from(waiter.class + 1)
  }

  /** The newest of a class. */
  lastOf(ofClass: number): Waiter | undefined {
    return this.#last[ofClass]
  }

  /** Whoever would wait longest: the last of the worst class. */
  last(): Waiter | undefined {
    for (let at = classes - 1; at >= 0; at--) {
      const last = this.#last[at]
      if (last !== undefined) return last
    }
    return undefined
  }

  /** A place was given to somebody of this line. */
  served(): void {
    this.room.served++
  }

  *[Symbol.iterator](): IterableIterator<Waiter> {
    let waiter = this.#from(0)
    while (waiter !== undefined) {
      const behind = this.after(waiter)
      yield waiter
      waiter = behind
    }
  }

  get #agedTurn(): boolean {
    return this.room.served % placesPerAged === placesPerAged - 1
  }

  #from(ofClass: number): Waiter | undefined {
    for (let at = ofClass; at < classes; at++) {
      const first = this.#first[at]
      if (first !== undefined) return first
    }
    return undefined
  }

  #count(ofClass: number, by: number): void {
    this.#sizes[ofClass] = (this.#sizes[ofClass] ?? 0) + by
    this.#size += by
    this.room.used += by
  }
}
