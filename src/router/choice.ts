// Which endpoint an order goes to, now: those that may take it, less those that would cost more than waiting, and of the
// rest the one with the least cost.

import { cheapest } from './cost.ts'
import type { EndpointState } from './endpoint-state.ts'
import type { Order } from './order.ts'
import type { Pool } from './pools.ts'
import { keep, keepWorthy } from './worth.ts'
import type { Standing } from './worth.ts'

/**
 * How one is picked among those that may take an order. `least-cost` looks at all of them; `two-choices` at two by chance,
 * which is better when what is known of the load is old (Mitzenmacher 2001) or they are very many; `round-robin` at
 * none, for comparison.
 */
export type Strategy = 'least-cost' | 'two-choices' | 'round-robin'

export interface ChoiceOptions {
  /** Share of open breakers above which those are used too, when no other has a place. */
  readonly panic: number
  /** From 0 to 1. */
  readonly random: () => number
}

/** Above so many endpoints two choices are as good as all, and cheaper. */
const mostScanned = 64
/** So long a permit that is counted by another process may take to come. */
const grantMs = 3
/** A round in which nothing was missed. */
const noRound = -1
/** So long an order waits for the few that are well before it tries those that are shut. */
const panicMs = 1_000

export class Choice {
  readonly #panic: number
  readonly #random: () => number
  #round = 0
  #wakeAt = Infinity
  #held = false
  #others = false
  readonly #open: number[] = []

  constructor(options: ChoiceOptions) {
    this.#panic = options.panic
    this.#random = options.random
  }

  /** After a choice of none: when to choose again though nothing happened, monotonic milliseconds. */
  get wakeAt(): number {
    return this.#wakeAt
  }

  /** After a choice of none: whether a place was left free because waiting costs less. */
  get held(): boolean {
    return this.#held
  }

  /** After a choice of none: whether another order might have been given a place. */
  get free(): boolean {
    return this.#others
  }

  /** Chooses, and takes the permit. Undefined when the order has to wait. */
  choose(pool: Pool, order: Order, standing: Standing, now: number): EndpointState | undefined {
    this.#wakeAt = Infinity
    this.#held = false
    this.#others = false
    const round = ++this.#round
    for (;;) {
      const at = this.#pick(pool, order, standing, now, round)
      const state = at === undefined ? undefined : pool.endpoints[at]
      if (state === undefined) return undefined
      if (state.permits.take()) return state
      // Its permits come from elsewhere, on demand: for a moment the best is waited for, and then it is full.
      const until = state.asked(now) + grantMs
      if (now < until) {
        this.#wake(until)
        this.#others = false
        return undefined
      }
      state.missedIn = round
    }
  }

  /** Milliseconds that somebody behind so many others will wait, by what is known; 0 when nothing is. */
  wait(pool: Pool, ahead: number, now: number): number {
    let rate = 0
    for (const state of pool.endpoints) {
      if (state.retired || !state.breaker.allows(now) || !state.cooling.allows(now)) continue
      rate += state.serviceMs === undefined ? Infinity : state.limit.value / Math.max(1, state.serviceMs)
    }
    return rate === 0 ? 0 : (ahead + 1) / rate
  }

  /**
   * When one of them takes the order at the earliest, by what they said: later than `now` only when all of them rest or
   * have had what their owners allow. Monotonic milliseconds.
   */
  soonest(pool: Pool, order: Order, now: number): number {
    let soonest = Infinity
    for (const state of pool.endpoints) {
      if (state.gate(now, order.promptTokens + order.outputTokens, noRound) !== 'later') return now
      soonest = Math.min(soonest, state.readyAt)
    }
    return soonest
  }

  /** Filters: health, limits, endpoints that failed, tiers, then regions and speed. The index of the best. */
  #pick(pool: Pool, order: Order, standing: Standing, now: number, round: number): number | undefined {
    const { endpoints } = pool
    const { tried } = standing
    const tokens = order.promptTokens + order.outputTokens
    const open = this.#open
    open.length = 0
    let tier = Infinity
    let tierOfTried = Infinity
    let shut = 0
    let fresh = false
    for (let at = 0; at < endpoints.length; at++) {
      const state = endpoints[at]
      if (state === undefined) continue
      const gate = state.gate(now, tokens, round)
      const failed = tried !== undefined && tried.has(state.name)
      if (gate === 'shut') {
        shut++
        if (state.breaker.state === 'open') this.#wake(state.breaker.until > now ? state.breaker.until : Infinity)
      } else if (gate === 'later') {
        this.#wake(state.readyAt)
      } else {
        if (!failed) fresh = true
        if (gate === 'open') {
          open.push(at)
          if (failed) tierOfTried = Math.min(tierOfTried, state.settings.priority)
          else tier = Math.min(tier, state.settings.priority)
        }
      }
    }
    this.#others = open.length > 0
    const skipTried = fresh || standing.strict
    if (!skipTried) tier = tierOfTried
    if (tier !== Infinity) {
      keep(open, (at) => {
        const state = endpoints[at]
        return state?.settings.priority === tier && !(skipTried && tried !== undefined && tried.has(state.name))
      })
      const best = this.#among(pool, order, standing, tier, now)
      if (best !== undefined) return best
    }
    if (this.#held || standing.strict || shut <= endpoints.length * this.#panic) return undefined
    // While somebody well is only busy, waiting for it comes first.
    if (fresh && now - standing.since < panicMs) {
      this.#wake(standing.since + panicMs)
      return undefined
    }
    return this.#any(pool, tried, now, round)
  }

  /** The best of the open ones of a tier, or none when waiting for another costs less. */
  #among(pool: Pool, order: Order, standing: Standing, tier: number, now: number): number | undefined {
    const open = this.#open
    if (pool.strategy === 'round-robin') return this.#next(pool)
    this.#wake(keepWorthy(pool, open, standing, tier, now))
    if (open.length === 0) this.#held = true
    if (open.length <= 1) return open[0]
    // Whoever was down has to show that it is back; one order does, at most once in a while.
    if (standing.tried === undefined && !standing.strict)
      for (const at of open) if (pool.endpoints[at]?.breaker.state === 'half-open') return at
    if (pool.strategy === 'two-choices' || open.length > mostScanned) {
      const first = Math.floor(this.#random() * open.length)
      const second = Math.floor(this.#random() * (open.length - 1))
      const pair = [open[first] ?? 0, open[second >= first ? second + 1 : second] ?? 0]
      open.length = 0
      open.push(...pair)
    }
    return cheapest(pool, open, order, now, this.#random)
  }

  #next(pool: Pool): number | undefined {
    const open = this.#open
    const next = open.find((at) => at >= pool.turn) ?? open[0]
    if (next !== undefined) pool.turn = (next + 1) % pool.endpoints.length
    return next
  }

  /** More are open than can be true, or nothing is left: any of them that has a place, by chance. */
  #any(pool: Pool, tried: ReadonlySet<string> | undefined, now: number, round: number): number | undefined {
    const has = (at: number, failed: boolean): boolean => {
      const state = pool.endpoints[at]
      return (
        state !== undefined &&
        !state.retired &&
        state.missedIn !== round &&
        state.hasPlace &&
        state.cooling.allows(now) &&
        (tried?.has(state.name) ?? false) === failed
      )
    }
    const { length } = pool.endpoints
    const offset = Math.floor(this.#random() * length)
    for (const failed of [false, true])
      for (let step = 0; step < length; step++)
        if (has((offset + step) % length, failed)) return (offset + step) % length
    return undefined
  }

  #wake(at: number): void {
    if (at < this.#wakeAt) this.#wakeAt = at
  }
}
