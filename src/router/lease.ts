// A place at an endpoint: counted before anything is awaited, given back once, and in between a source of all that is
// learnt about the endpoint that it was begun at: when another stands behind the name meanwhile, that one hears nothing.

import type { Clock } from './clock.ts'
import type { EndpointSettings } from './endpoint.ts'
import type { EndpointState } from './endpoint-state.ts'
import { coldLimit, mostFirstTokenMs } from './first-token-limit.ts'
import type { FirstTokenLimit } from './first-token-limit.ts'
import type { Learnt } from './learnt.ts'
import type { Failure, Lease, Order, Outcome } from './order.ts'
import type { Pool } from './pools.ts'
import type { RateLimits } from './rate-limit.ts'

/** What a lease tells its scheduler. */
export interface Keeper {
  readonly clock: Clock
  /** The endpoint is used again. */
  rose(state: EndpointState): void
  /** The endpoint is used no more for now. */
  fell(state: EndpointState, failure: Failure): void
  /** It ended: others may have the place. */
  left(state: EndpointState): void
}

/** While an answer is written, speed is looked at so often. */
const sampleMs = 100
/** An answer whose content came in less than this share of its time came in one piece. */
const streamedShare = 0.05

export class Placement implements Lease {
  readonly endpoint: EndpointSettings
  readonly model: string | undefined
  readonly firstTokenMs: number
  readonly #keeper: Keeper
  readonly #state: EndpointState
  /** What it teaches, and what counted it: those of its beginning, whatever the endpoint has now. */
  readonly #learnt: Learnt
  readonly #rates: RateLimits
  readonly #order: Order
  readonly #pool: Pool
  readonly #sentAt: number
  readonly #uncached: number
  /** Whether it is the one that tries a breaker, or an endpoint that rested. */
  readonly #tries: boolean
  readonly #returns: boolean
  #begunAt: number | undefined
  #heardAt: number
  #paused = false
  #ended = false
  #tokens = 0
  #sampledAt: number
  #sampledTokens = 0

  constructor(keeper: Keeper, state: EndpointState, pool: Pool, order: Order, now: number) {
    this.#keeper = keeper
    const { learnt } = state
    this.#state = state
    this.#learnt = learnt
    this.#rates = state.rates
    this.#pool = pool
    this.#order = order
    this.#sentAt = now
    this.#heardAt = now
    this.#sampledAt = now
    this.endpoint = state.settings
    this.model = state.settings.model ?? order.model
    this.#uncached = learnt.memory.uncached(order.prefix, order.promptTokens)
    this.firstTokenMs = this.#limit()
    if (order.whole !== true) learnt.unread += this.#uncached
    this.#tries = learnt.breaker.began()
    this.#returns = learnt.cooling.began()
    state.arrived(now, order.promptTokens + order.outputTokens)
    learnt.silence.sent(now)
    pool.habits.asked(order.promptTokens)
    learnt.memory.sent(order.prefix)
  }

  begun(): void {
    if (this.#ended || this.#begunAt !== undefined) return
    const now = this.#keeper.clock.now()
    const learnt = this.#learnt
    if (this.#order.whole !== true) learnt.unread -= this.#uncached
    this.#begunAt = now
    this.#heardAt = now
    this.#sampledAt = now
    learnt.silence.heard(this.#sentAt)
    if (!this.#paused) learnt.silence.runs(now)
    learnt.signed(now)
    const eased = this.#eased()
    const closed = learnt.breaker.lives(this.#sentAt, this.#tries)
    if (eased || closed) this.#rose()
  }

  progress(tokens: number): void {
    if (this.#ended) return
    if (this.#begunAt === undefined) this.begun()
    const now = this.#keeper.clock.now()
    this.#tokens += tokens
    this.#sampledTokens += tokens
    if (!this.#paused) this.#learnt.silence.went(this.#heardAt, now)
    this.#heardAt = now
    this.#learnt.signed(now)
    if (now - this.#sampledAt >= sampleMs) this.#sample(now)
  }

  pause(): void {
    if (this.#ended || this.#paused) return
    this.#paused = true
    const now = this.#keeper.clock.now()
    if (this.#begunAt === undefined) return
    this.#learnt.silence.rests(this.#heardAt)
    // What comes after a pause was perhaps written before it: the time of neither counts.
    this.#sample(now)
  }

  resume(): void {
    if (this.#ended || !this.#paused) return
    this.#paused = false
    if (this.#begunAt === undefined) return
    const now = this.#keeper.clock.now()
    this.#heardAt = now
    this.#sampledAt = now
    this.#learnt.silence.runs(now)
  }

  end(outcome: Outcome): void {
    if (this.#ended) return
    this.#ended = true
    const now = this.#keeper.clock.now()
    const state = this.#state
    const learnt = this.#learnt
    if (this.#begunAt === undefined) {
      if (this.#order.whole !== true) learnt.unread -= this.#uncached
      learnt.silence.heard(this.#sentAt)
    } else if (!this.#paused) learnt.silence.rests(this.#heardAt)
    if (outcome.kind === 'done') this.#done(outcome, now)
    else if (outcome.kind === 'failed') this.#failed(outcome.failure, now)
    else {
      if (outcome.unsent) {
        state.counts.placed--
        this.#rates.undone(now, this.#order.promptTokens + this.#order.outputTokens)
      } else state.counts.cancelled++
      learnt.breaker.released(this.#tries)
      learnt.cooling.released(this.#returns)
      if (this.#begunAt !== undefined && !this.#paused) this.#sample(now)
    }
    this.#pool.demand.ended(now)
    state.left()
    this.#keeper.left(state)
  }

  [Symbol.dispose](): void {
    this.end({ kind: 'cancelled' })
  }

  #done(outcome: Extract<Outcome, { kind: 'done' }>, now: number): void {
    const state = this.#state
    const learnt = this.#learnt
    const { habits } = this.#pool
    const took = now - this.#sentAt
    const counted = outcome.outputTokens ?? this.#tokens
    const tokens = counted || this.#order.outputTokens || habits.outputTokens || 1
    if (counted > 0) habits.answered(counted)
    const begunAt = this.#begunAt ?? now
    const streamed = now - begunAt > took * streamedShare
    if (streamed && !this.#paused) this.#sample(now, counted > this.#tokens && this.#tokens === 0 ? counted : 0)
    if (!learnt.breaker.openedSince(this.#sentAt)) {
      if (!streamed) learnt.speed.learn(now, took, tokens)
      this.#learnFirst(begunAt - this.#sentAt, streamed)
      learnt.served(took)
    }
    if (outcome.cachedTokens !== undefined)
      learnt.memory.learn(this.#order.promptTokens - this.#uncached, outcome.cachedTokens)
    const guessed = this.#order.promptTokens + this.#order.outputTokens
    this.#rates.corrected(now, (outcome.promptTokens ?? this.#order.promptTokens) + tokens - guessed)
    learnt.signed(now)
    state.counts.done++
    learnt.limit.answered(now, state.inFlight)
    const eased = this.#eased()
    const closed = learnt.breaker.succeeded(this.#sentAt, this.#tries)
    if (eased || closed) this.#rose()
  }

  #learnFirst(ms: number, streamed: boolean): void {
    const { habits } = this.#pool
    const whole = this.#order.whole === true
    const limit = whole ? this.#learnt.wholeAnswer : this.#learnt.firstToken
    limit.learn(ms)
    if (!whole) habits.prefill.learn(this.#uncached, ms)
    const explained = this.#uncached * habits.prefill.msPerToken
    if (streamed) this.#learnt.limit.firstToken(Math.max(0, ms - explained), this.#state.inFlight)
  }

  #failed(failure: Failure, now: number): void {
    const state = this.#state
    const learnt = this.#learnt
    state.counts.failed++
    if (failure.kind === 'busy') {
      const others = state.inFlight - 1
      state.counts.busy++
      learnt.limit.refused(now, this.#sentAt, others)
      const longer = learnt.cooling.busy(now, this.#returns, others, failure.retryAfterMs)
      learnt.breaker.released(this.#tries)
      const restMs = learnt.cooling.until - now
      if (restMs <= 0) return
      // Before the place goes back, so that nobody has it who has not heard of this.
      if (longer && this.#isOfNow) state.permits.rest(restMs)
      this.#fell(failure)
      return
    }
    learnt.cooling.released(this.#returns)
    if (!failure.blame) {
      // It answered, if only to say that the request is wrong: it lives.
      const heard = failure.kind === 'invalid' || failure.kind === 'too-large'
      if (heard && learnt.breaker.lives(this.#sentAt, this.#tries)) this.#rose()
      else learnt.breaker.released(this.#tries)
      return
    }
    let weight = failure.kind === 'key' ? Infinity : 1
    if (failure.kind === 'silent' && this.#begunAt === undefined) {
      const limit = this.#order.whole === true ? learnt.wholeAnswer : learnt.firstToken
      limit.learn(now - this.#sentAt)
      // Nobody has heard from it since: it hangs, and need not show it twice.
      if ((learnt.signAt ?? -Infinity) < this.#sentAt) weight = Infinity
    }
    if (!learnt.breaker.failed(now, this.#tries, weight)) return
    // Whoever refuses connections was probably started anew, with an empty cache.
    if (failure.kind === 'refused') learnt.memory.clear()
    this.#fell(failure)
  }

  /** Content came. True when that says that a rest is over. */
  #eased(): boolean {
    const eased = this.#learnt.cooling.eased(this.#sentAt, this.#returns)
    if (eased && this.#state.learnt === this.#learnt) this.#state.permits.woke()
    return eased
  }

  #rose(): void {
    if (this.#isOfNow) this.#keeper.rose(this.#state)
  }

  #fell(failure: Failure): void {
    if (this.#isOfNow) this.#keeper.fell(this.#state, failure)
  }

  /** Whether the endpoint is still wanted, and still the one that it was begun at. */
  get #isOfNow(): boolean {
    return this.#state.learnt === this.#learnt && !this.#state.retired
  }

  #limit(): number {
    const { habits } = this.#pool
    const own = this.endpoint.firstTokenMs
    // Where there is no other endpoint, a late word is better than none: a server may be loading its model.
    if (own === undefined && this.#pool.endpoints.length === 1) return mostFirstTokenMs
    const isWhole = this.#order.whole === true
    const limitOf = ({ wholeAnswer, firstToken }: EndpointState): FirstTokenLimit =>
      isWhole ? wholeAnswer : firstToken
    const { usualTokens, msPerToken } = habits.prefill
    const { speed, unread } = this.#learnt
    const reading = Math.max(0, this.#uncached - usualTokens) * msPerToken
    const { measured } = speed
    const longer = isWhole ? Math.max(0, this.#order.outputTokens - habits.outputTokens) * (measured ?? 0) : 0
    const limit = limitOf(this.#state)
    const ahead = isWhole ? 0 : unread * msPerToken
    if (own !== undefined || limit.isLearnt) return limit.limit(own, reading + longer, ahead)
    return coldLimit(this.#pool.endpoints.map(limitOf), reading + longer, isWhole)
  }

  /** Speed of what was written since the last look. */
  #sample(now: number, tokens = this.#sampledTokens): void {
    if (tokens > 0) {
      const { speed, breaker } = this.#learnt
      // Through an outage it was not slow, it was away.
      if (!breaker.openedSince(this.#sentAt)) speed.learn(now, now - this.#sampledAt, tokens)
      this.#sampledAt = now
    }
    this.#sampledTokens = 0
  }
}
