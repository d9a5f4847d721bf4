// How an order comes to its first content: a place, an attempt, and when that fails before anything was said, another
// place, until one begins, the request itself is wrong, or the budget, the deadline or the attempts are used up.
//
//   acquire → begin ─ first content ──▶ placed
//      ▲        └ failed: end the lease; may another do better, and may it be tried?
//      └──────────────────────────────┘
//
// From the first content on there is no other endpoint: who holds what was placed tells of a failure, and ends the lease.

import { overReason, remaining, throwIfOver } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import { Hedging } from './hedging.ts'
import type { HedgeOptions } from './hedging.ts'
import { newTrail } from './order.ts'
import type { Lease, Order, Placed, Scheduler, Trail } from './order.ts'
import { RetryBudget } from './retry-budget.ts'
import type { RetryBudgetOptions } from './retry-budget.ts'
import { Tries } from './tries.ts'
import type { BeginWhole, Running, Tried } from './tries.ts'
import { delay, within } from './waiting.ts'

export interface PlacingOptions {
  scheduler: Scheduler
  /**
   * Most attempts of one order, one after the other. Default 4; of one that only hears "not now" four times as many. 1 is
   * one, whatever it hears.
   */
  attempts?: number
  /** How much may be tried again, over all orders. */
  retries?: RetryBudgetOptions
  /** A second attempt beside one whose first token is late. Default: none. */
  hedge?: HedgeOptions | undefined
  /** Where orders come from that say nothing of it. */
  region?: string | undefined
}

/** Attempts of an order that only ever hears "not now" may be so many times those of one that fails. */
const busyTimes = 4

/** Before the same endpoint is asked again: doubled each time, half of it random. Milliseconds. */
const pause = { firstMs: 100, mostMs: 2_000 } as const

export class Placing {
  readonly #scheduler: Scheduler
  readonly #most: number
  readonly #retries: RetryBudget
  readonly #hedging: Hedging | undefined
  readonly #region: string | undefined

  constructor({ scheduler, attempts = 4, retries, hedge, region }: PlacingOptions) {
    this.#scheduler = scheduler
    this.#most = attempts
    this.#retries = new RetryBudget(retries)
    this.#hedging = hedge && new Hedging(hedge)
    this.#region = region
  }

  /**
   * Places an order: comes back with its first content, the lease it stands under and its trail.
   * `begin` sends it and waits for the first content, no longer than `lease.firstTokenMs`. It is given a call of its own:
   * when it throws, that call is disposed here; when it comes back, the call belongs to what has begun, which disposes it
   * at its end. `lease.begun()` is said here; everything after it (`progress`, `end`) by whoever has what was placed.
   *
   * Throws the call's own reason when it is over; the failure of the last attempt, with `detail.attempts` and mostly
   * `retryAfterMs`, when nothing more may be tried; and what the scheduler throws when there is no place.
   * A `trail` may be given: it goes on with this, also when it throws. With `again` false no endpoint is asked twice:
   * for who can ask another model.
   */
  async place<Begun>(
    order: Order,
    call: Call,
    begin: BeginWhole<Begun>,
    trail: Trail = newTrail(),
    again = true,
  ): Promise<Placed<Begun>> {
    const region = this.#region
    const placed = region === undefined || order.region !== undefined ? order : { ...order, region }
    const tries = new Tries(placed, call, begin, trail.attempts)
    this.#retries.asked()
    this.#hedging?.asked()
    let failed = 0
    for (let count = 1; ; count++) {
      const retrying = count > 1
      let tried: Tried<Begun> | undefined
      try {
        let lease: Lease
        const waitsFrom = performance.now()
        try {
          lease = await this.#scheduler.acquire(tries.order, tries.call, tries.failed)
          if (tries.failed.has(lease.endpoint.name)) lease = await this.#again(tries, lease, again ? count : 0)
        } finally {
          trail.waitedMs += performance.now() - waitsFrom
        }
        tried = await (this.#hedging ? this.#hedged(tries, lease, this.#hedging) : tries.start(lease).result)
      } catch (reason) {
        throw withoutPlace(tries, reason)
      } finally {
        const spared = overReason(call) !== undefined || tried?.failure?.blame !== true
        if (retrying) this.#retries.settle(tried?.lease ? 'well' : spared ? 'spared' : 'failed')
        else if (tried?.lease) this.#retries.wentWell()
      }
      if (tried.lease) return { begun: tried.begun, lease: tried.lease, trail }
      throwIfOver(call)
      // One that has no time now was not tried: the line waits for it as long as the order may.
      if (tried.failure.kind !== 'busy') failed++
      const most = this.#most === 1 ? 1 : busyTimes * this.#most
      const isEnough = failed >= this.#most || count >= most
      if (!tried.failure.elsewhere || isEnough || !(await this.#retries.take(call))) throw tries.error()
    }
  }

  /**
   * Only endpoints are left that have failed: the lease is given back, and one of them asked again after a pause, for the
   * `count`th attempt; not when the count is 0.
   */
  async #again(tries: Tries<unknown>, lease: Lease, count: number): Promise<Lease> {
    lease.end({ kind: 'cancelled', unsent: true })
    if (count === 0 || tries.last?.kind === 'too-large') throw tries.error()
    const ms = Math.min(pause.mostMs, pause.firstMs * 2 ** (count - 2)) * (0.5 + Math.random() / 2)
    // A pause that outlasts the call would only hide the reason behind "deadline".
    if (ms >= remaining(tries.call)) throw tries.error()
    await delay(ms, tries.call)
    return this.#scheduler.acquire(tries.order, tries.call, tries.failed)
  }

  /** One attempt, and a second beside it when its first content is late. The first to begin wins; the other is cancelled. */
  async #hedged<Begun>(tries: Tries<Begun>, lease: Lease, hedging: Hedging): Promise<Tried<Begun>> {
    const startedAt = performance.now()
    const first = tries.start(lease)
    // Of an answer in one piece the first token is the last: nothing can be said of how late it is.
    const { hedge = true, whole = false } = tries.order
    const afterMs = hedge && !whole ? hedging.afterMs() : undefined
    const early = afterMs === undefined ? await first.start.came : await within(afterMs, first.start.came)
    const second = early === undefined ? this.#second(tries, hedging) : undefined
    const running = second ? await faster(first, second) : first
    if ((await running.start.came) && !whole) hedging.firstToken(performance.now() - startedAt)
    return running.result
  }

  #second<Begun>(tries: Tries<Begun>, hedging: Hedging): Running<Begun> | undefined {
    if (overReason(tries.call) || !hedging.take()) return undefined
    const lease = this.#scheduler.tryAcquire(tries.order, tries.call, tries.known)
    if (!lease) hedging.putBack()
    return lease && tries.start(lease, true)
  }
}

/** That there is no place for another try says less than why the last one failed, unless it says when there is. */
function withoutPlace(tries: Tries<unknown>, reason: unknown): unknown {
  const over = overReason(tries.call)
  if (over) return over
  return tries.last && AndonError.from(reason).code !== 'overloaded' ? tries.error() : reason
}

/** The one whose content comes first; the other is given up. When one fails before, the order is left to the other. */
async function faster<Begun>(first: Running<Begun>, second: Running<Begun>): Promise<Running<Begun>> {
  const [winner, started] = await Promise.race([
    first.start.came.then((started) => [first, started] as const),
    second.start.came.then((started) => [second, started] as const),
  ])
  const other = winner === first ? second : first
  if (!started) return other
  other.cancel()
  return winner
}
