// Which endpoint an order goes to, now: those that may take it, less those that would cost more than waiting, and of the
// rest the one with the least cost.

import type { EndpointState } from './endpoint-state.ts'
import type { Order } from './order.ts'
import type { Pool } from './pools.ts'

/**
 * How one is picked among those that may take an order. `least-cost` looks at all of them; `two-choices` at two by chance,
 * which is better when what is known of the load is old (Mitzenmacher 2001) or they are very many; `round-robin` at
 * none, for comparison.
 */
export type Strategy = 'least-cost' | 'two-choices' | 'round-robin'

export interface ChoiceOptions {
  readonly strategy: Strategy
  /** Share of open breakers above which those are used too, when no other has a place. */
  readonly panic: number
  /** From 0 to 1. */
  readonly random: () => number
}

/** What the choice needs to know of an order's place in the line. */
export interface Standing {
  /** Endpoints that failed it: taken only when there is no other. */
  readonly tried: ReadonlySet<string> | undefined
  /** Whether those are not taken at all, and nothing risky is tried. */
  readonly strict: boolean
  /** How many stand before it. */
  readonly ahead: number
  /** When it came, monotonic milliseconds. */
  readonly since: number
}

/** Above so many endpoints two choices are as good as all, and cheaper. */
const mostScanned = 64
/** Before anything is known of any: as a 7B model on a data-centre GPU. */
const usualMsPerToken = 20
/** An endpoint that takes so many times as long as one that is full is left free while waiting is shorter. */
const muchSlower = 2
/** So long an order waits for the few that are well before it tries those that are shut. */
const panicMs = 1_000
/**
 * Of the usual prompt, what each order in flight has still to be read of. In the simulation of choice.test.ts from 0.15 to
 * 0.3 keeps affinity and spreads the load; with more, caches are given up for one order less in line.
 */
const unreadShare = 0.2
/** With more of the KV cache in use a server begins to put requests back. */
const fullCache = 0.9

export class Choice {
  readonly #strategy: Strategy
  readonly #panic: number
  readonly #random: () => number
  #round = 0
  #wakeAt = Infinity
  #certain = false
  #held = false
  #others = false
  readonly #open: number[] = []

  constructor(options: ChoiceOptions) {
    this.#strategy = options.strategy
    this.#panic = options.panic
    this.#random = options.random
  }

  /** After a choice of none: when to choose again though nothing happened, monotonic milliseconds. */
  get wakeAt(): number {
    return this.#wakeAt
  }

  /** After a choice of none: whether it is known that there can be one no earlier than `wakeAt`. */
  get certain(): boolean {
    return this.#certain
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
    this.#certain = false
    this.#held = false
    this.#others = false
    const round = ++this.#round
    for (;;) {
      const at = this.#pick(pool, order, standing, now, round)
      const state = at === undefined ? undefined : pool.endpoints[at]
      if (state === undefined) return undefined
      if (state.permits.take()) return state
      // Other processes have it: it is full, as far as this choice goes.
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
    let later = 0
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
        later++
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
    this.#certain = later > 0 && later === endpoints.length
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
    if (this.#strategy === 'round-robin') return this.#next(pool)
    this.#holdBack(pool, standing, tier, now)
    if (open.length <= 1) return open[0]
    // Whoever was down has to show that it is back; one order does, at most once in a while.
    if (standing.tried === undefined && !standing.strict)
      for (const at of open) if (pool.endpoints[at]?.breaker.state === 'half-open') return at
    if (this.#strategy === 'two-choices' || open.length > mostScanned) {
      const first = Math.floor(this.#random() * open.length)
      const second = Math.floor(this.#random() * (open.length - 1))
      const pair = [open[first] ?? 0, open[second >= first ? second + 1 : second] ?? 0]
      open.length = 0
      open.push(...pair)
    }
    return this.#cheapest(pool, order, now)
  }

  /**
   * Takes out of the open ones those that cost more than waiting: in a region farther than one whose predicted wait is
   * below the difference of their penalties, and so much slower than a full one that waiting is shorter (the slow-server
   * problem: Lin and Kumar 1984).
   */
  #holdBack(pool: Pool, standing: Standing, tier: number, now: number): void {
    const open = this.#open
    const { endpoints, penalties } = pool
    let nearest = Infinity
    let nearestOpen = Infinity
    for (let at = 0; at < endpoints.length; at++) {
      const state = endpoints[at]
      const penalty = penalties[at] ?? 0
      if (state?.settings.priority !== tier || !isWell(state, now)) continue
      nearest = Math.min(nearest, penalty)
      if (open.includes(at)) nearestOpen = Math.min(nearestOpen, penalty)
    }
    let late = Infinity
    for (const at of open) if ((penalties[at] ?? 0) === nearest) late = Math.min(late, endpoints[at]?.lateMs(now) ?? 0)
    if (nearestOpen > nearest) {
      if (
        !this.#worthIt(
          pool,
          standing,
          nearestOpen - nearest,
          now,
          (state, at) => state.settings.priority === tier && (penalties[at] ?? 0) < nearestOpen,
        )
      ) {
        open.length = 0
        return
      }
      keep(open, (at) => (penalties[at] ?? 0) === nearestOpen)
    } else keep(open, (at) => (penalties[at] ?? 0) - nearest <= (Number.isFinite(late) ? late : 0))
    let fastest = Infinity
    for (let at = 0; at < endpoints.length; at++) {
      const state = endpoints[at]
      if (state?.settings.priority !== tier || state.hasPlace || !isWell(state, now)) continue
      if ((penalties[at] ?? 0) <= nearestOpen) fastest = Math.min(fastest, state.serviceMs ?? Infinity)
    }
    if (fastest === Infinity) return
    keep(open, (at) => {
      const slow = endpoints[at]
      if (slow?.serviceMs === undefined || slow.serviceMs <= muchSlower * fastest) return true
      return this.#worthIt(
        pool,
        standing,
        slow.serviceMs - fastest,
        now,
        (state) => !state.hasPlace && (state.serviceMs ?? Infinity) * muchSlower < (slow.serviceMs ?? 0),
      )
    })
  }

  /** Whether the wait for one of these is longer than `extraMs`: as predicted, or as it has been already. */
  #worthIt(
    pool: Pool,
    standing: Standing,
    extraMs: number,
    now: number,
    isOne: (state: EndpointState, at: number) => boolean,
  ): boolean {
    let rate = 0
    let known = true
    for (let at = 0; at < pool.endpoints.length; at++) {
      const state = pool.endpoints[at]
      if (state === undefined || !isWell(state, now) || !isOne(state, at)) continue
      if (state.serviceMs === undefined) known = false
      else rate += state.limit.value / Math.max(1, state.serviceMs)
    }
    const predicted = known && rate > 0 ? (standing.ahead + 1) / rate : 0
    if (Math.max(predicted, now - standing.since) > extraMs) return true
    this.#held = true
    this.#wake(standing.since + extraMs + 1)
    return false
  }

  /**
   * Cost in milliseconds, of which the least is best:
   *
   *     ((in flight + 1) × (tokens × ms per token ÷ places + usual prompt × prefill ÷ 5) + uncached × prefill + late) ÷ weight
   *
   * An order more slows those that write by its share of the batch, so their term is divided by the places; prompts are read
   * one after the other, and of those in flight a part is read already or in the cache. What of this prompt is not in the
   * cache has to be read: that is all that affinity is, one cost beside the others, so nothing ever flips from one rule
   * to another. `late` is by how much the endpoint's orders are overdue.
   */
  #cheapest(pool: Pool, order: Order, now: number): number | undefined {
    const { endpoints, habits } = pool
    const open = this.#open
    let sum = 0
    let known = 0
    let firsts = 0
    let firstSum = 0
    for (const { speed, firstMs } of endpoints) {
      if (speed.measured !== undefined) {
        sum += 1 / Math.max(1e-3, speed.measured)
        known++
      }
      if (firstMs !== undefined) {
        firstSum += firstMs
        firsts++
      }
    }
    // The harmonic mean, so that one that is very slow does not make the usual slow.
    const usual = known === 0 ? usualMsPerToken : known / sum
    const usualFirst = firsts === 0 ? undefined : firstSum / firsts
    const outputTokens = order.outputTokens || habits.outputTokens || 1
    const prefillMs = habits.prefill.msPerToken
    const readMs = habits.promptTokens * prefillMs * unreadShare
    let best: number | undefined
    let least = Infinity
    const offset = Math.floor(this.#random() * open.length)
    for (let step = 0; step < open.length; step++) {
      const at = open[(offset + step) % open.length]
      const state = at === undefined ? undefined : endpoints[at]
      if (state === undefined) continue
      const hint = state.hint(now)
      const msPerToken = state.speed.expected(now, usual)
      let load = Math.max(state.inFlight, state.permits.heldByAll)
      if (hint !== undefined) load = Math.max(load, hint.running) + hint.waiting
      if (hint !== undefined && hint.kvUsage >= fullCache) load = load * 2 + 1
      const each = (outputTokens * msPerToken) / state.settings.maxConcurrent + readMs
      const uncachedMs = state.memory.uncached(order.prefix, order.promptTokens) * prefillMs
      const cost = ((load + 1) * each + uncachedMs + state.lateMs(now, usualFirst)) / state.settings.weight
      if (cost < least || best === undefined) {
        least = cost
        best = at
      }
    }
    return best
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

/** Whether orders can be expected to be served there, now or when a place is free. */
function isWell(state: EndpointState, now: number): boolean {
  return !state.retired && state.breaker.state === 'closed' && now >= state.cooling.until
}

/** Keeps those that hold, in place. */
function keep(indexes: number[], holds: (at: number) => boolean): void {
  let kept = 0
  for (const at of indexes) if (holds(at)) indexes[kept++] = at
  indexes.length = kept
}
