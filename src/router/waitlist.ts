// The orders that wait, in the lines of their pools: who comes in when it is full, who leaves, and who is placed when
// something changes.

import { onOver, overReason } from '../core/call.ts'
import type { AndonError } from '../core/errors.ts'
import type { Choice } from './choice.ts'
import type { Clock } from './clock.ts'
import type { EndpointState } from './endpoint-state.ts'
import { classOf } from './line.ts'
import type { Waiter } from './line.ts'
import type { Lease, Order } from './order.ts'
import type { Pool } from './pools.ts'
import { lateError, overloadError, tooLateError } from './refusals.ts'
import { isTooLate, neededMs } from './timely.ts'
import { moment, Timetable } from './timetable.ts'
import type { Standing } from './worth.ts'

/** How many in line are looked at for a place that the first of them could not have. */
const mostLooked = 32

/** Gives an order a place now, if there is one for it. */
export type Place = (pool: Pool, order: Order, standing: Standing, now: number) => Lease | undefined

/** Tells a waiter that has left its line that it gets no place. */
export function refuse(waiter: Waiter, reason: AndonError): void {
  waiter.deaf()
  waiter.refuse(reason)
}

export class Waitlist implements Disposable {
  readonly #clock: Clock
  readonly #choice: Choice
  readonly #place: Place
  readonly #timetable: Timetable
  readonly #pending = new Set<Pool>()
  #serving = false

  /** `choice` is the one by which `place` chooses: it says why there was none. */
  constructor(clock: Clock, choice: Choice, place: Place) {
    this.#clock = clock
    this.#choice = choice
    this.#place = place
    this.#timetable = new Timetable(clock)
  }

  /** Waits for a place in the line of a pool. Throws when the queue is full; `predictedMs` says when to come back. */
  wait(
    pool: Pool,
    all: readonly Pool[],
    { order, call, tried }: Pick<Waiter, 'order' | 'call' | 'tried'>,
    predictedMs: number,
  ): Promise<Lease> {
    const since = this.#clock.now()
    const ofClass = classOf(order.priority)
    this.#makeRoom(pool, all, order, ofClass, predictedMs)
    const { promise, resolve, reject } = Promise.withResolvers<Lease>()
    const waiter: Waiter = {
      order,
      call,
      tried,
      since,
      class: ofClass,
      grant: resolve,
      refuse: reject,
      deadline: moment((now) => this.#giveUp(waiter, overReason(call) ?? lateError(now - since))),
      deaf: () => {},
      pool: undefined,
      before: undefined,
      behind: undefined,
    }
    this.add(waiter, pool)
    waiter.deaf = onOver(call, (reason) => this.#giveUp(waiter, reason))
    // Also finds out when to look again.
    this.serveLine(pool)
    return promise
  }

  /** Puts a waiter into the line of a pool; it is not served yet. */
  add(waiter: Waiter, pool: Pool): void {
    waiter.pool = pool
    pool.line.add(waiter)
    pool.demand.queue(this.#clock.now(), 1)
    this.#timetable.set(waiter.deadline, waiter.call.deadline)
    for (const state of pool.endpoints) state.permits.want(++state.waiting)
  }

  /** Takes everybody out of these lines. */
  empty(pools: readonly Pool[]): Waiter[] {
    const waiters = pools.flatMap((pool) => [...pool.line])
    for (const waiter of waiters) this.#remove(waiter)
    return waiters
  }

  /** Something changed at an endpoint: whoever waits for it may have it. */
  serve(state: EndpointState): void {
    if (state.waiting === 0) return
    for (const pool of state.pools) if (pool.line.size > 0) this.#pending.add(pool)
    this.#serve()
  }

  /** It is time to look at a line again. */
  serveLine(pool: Pool): void {
    if (pool.line.size === 0) return
    this.#pending.add(pool)
    this.#serve()
  }

  [Symbol.dispose](): void {
    this.#timetable[Symbol.dispose]()
  }

  /** Refuses the newcomer when the queue is full, or else the last of a worse class. */
  #makeRoom(pool: Pool, all: readonly Pool[], order: Order, ofClass: number, predictedMs: number): void {
    const { room } = pool.line
    if (room.used < room.most) return
    let victim: Waiter | undefined
    for (const { line } of all) {
      const last = line.room === room ? line.last() : undefined
      if (last === undefined || (victim !== undefined && last.class < victim.class)) continue
      if (victim === undefined || last.class > victim.class || last.since > victim.since) victim = last
    }
    const full = `the queue of ${room.most} is full`
    if (victim === undefined || victim.class <= ofClass) throw overloadError(order, full, predictedMs)
    this.#remove(victim)
    refuse(victim, overloadError(victim.order, `${full} and a more urgent one came`, predictedMs))
  }

  /** False when it was in line no more. */
  #remove(waiter: Waiter): boolean {
    const { pool } = waiter
    if (pool === undefined) return false
    waiter.pool = undefined
    pool.line.remove(waiter)
    pool.demand.queue(this.#clock.now(), -1)
    this.#timetable.delete(waiter.deadline)
    for (const state of pool.endpoints) {
      state.waiting--
      if (!state.retired) state.permits.want(state.waiting)
    }
    if (pool.line.size === 0) this.#timetable.delete(pool.wake)
    return true
  }

  #giveUp(waiter: Waiter, reason: AndonError): void {
    if (this.#remove(waiter)) refuse(waiter, reason)
  }

  /** What is heard while it serves is served after, in the same turn. */
  #serve(): void {
    if (this.#serving) return
    this.#serving = true
    try {
      while (this.#pending.size > 0) {
        const pools = [...this.#pending]
        this.#pending.clear()
        this.#serveAll(pools)
      }
    } finally {
      this.#serving = false
    }
  }

  /** Places as many as can be, the first of all these lines first. */
  #serveAll(pools: Pool[]): void {
    const now = this.#clock.now()
    for (;;) {
      let first = -1
      let best = Infinity
      let since = Infinity
      for (let at = 0; at < pools.length; at++) {
        const line = pools[at]?.line
        const next = line?.next(now)
        if (line === undefined || next === undefined) continue
        const rank = line.rank(next, now)
        if (rank > best || (rank === best && next.since >= since)) continue
        best = rank
        since = next.since
        first = at
      }
      const pool = pools[first]
      if (pool === undefined) return
      if (!this.#serveOne(pool, now)) pools.splice(first, 1)
    }
  }

  /**
   * Whose turn it is. Whoever has no time left for an answer goes when the line is so long that the newest of its class
   * would come too late as well: a place would be spent on it for nothing. When the newest is too late already, what is
   * known of answers may be wrong, and the first is tried.
   */
  #next(pool: Pool, now: number): Waiter | undefined {
    const { line } = pool
    const first = line.next(now)
    if (first === undefined || !isTooLate(pool, first, now)) return first
    const newest = line.lastOf(first.class)
    if (newest === undefined || isTooLate(pool, newest, now)) return first
    let timely: Waiter = first
    while (timely !== newest && isTooLate(pool, timely, now)) {
      const { behind, order, call } = timely
      const waitMs = this.#choice.wait(pool, line.ahead(first.class), now)
      const needMs = neededMs(pool, order, now)
      if (waitMs + needMs <= newest.call.deadline - now) return timely
      this.#giveUp(timely, tooLateError(order, call.deadline - now, needMs, waitMs))
      timely = behind ?? newest
    }
    return timely
  }

  /** Places whoever's turn it is, or the first behind who takes a place that those before left free. */
  #serveOne(pool: Pool, now: number): boolean {
    const { line } = pool
    const choice = this.#choice
    let waiter = this.#next(pool, now)
    let wakeAt = Infinity
    let ahead = 0
    for (let looked = 0; waiter !== undefined && looked < mostLooked; looked++) {
      // Whose time is over is told so by its own deadline; it is not placed.
      if (waiter.call.deadline > now && overReason(waiter.call) === undefined) {
        const standing = { tried: waiter.tried, strict: false, ahead, since: waiter.since }
        const lease = this.#place(pool, waiter.order, standing, now)
        if (lease !== undefined) {
          line.served()
          this.#remove(waiter)
          waiter.deaf()
          waiter.grant(lease)
          return true
        }
        wakeAt = Math.min(wakeAt, choice.wakeAt)
        if (!choice.free) break
      }
      const first = line.first()
      if (looked === 0 && waiter !== first) waiter = first
      else if (choice.held && ahead < line.size - 1) {
        // A wait that is too short for the first to be worth another place may be long enough for the last.
        ahead = line.size - 1
        waiter = line.last()
      } else {
        ahead++
        waiter = line.after(waiter)
      }
    }
    this.#timetable.set(pool.wake, wakeAt)
    return false
  }
}
