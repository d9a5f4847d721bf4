// What is known of one endpoint: how much it has, how fast it is, whether it is well. Everything here is counted or
// learnt; what follows from it for an order is decided in choice.ts.

import type { OpenPermits, SharedPermits } from '../concurrency/permits.ts'
import type { Breaker } from './breaker.ts'
import type { ConcurrencyLimit } from './concurrency-limit.ts'
import type { Cooling } from './cooling.ts'
import type { EndpointSettings } from './endpoint.ts'
import type { FirstTokenLimit } from './first-token-limit.ts'
import { Learnt } from './learnt.ts'
import type { Hint, LearntOptions } from './learnt.ts'
import type { Pool } from './pools.ts'
import type { PrefixMemory } from './prefix.ts'
import { RateLimits } from './rate-limit.ts'
import type { Speed } from './speed.ts'

export type { Hint } from './learnt.ts'

/** Whether an endpoint takes an order now. `later` says when, `shut` waits for its breaker, `full` for an end. */
export type Gate = 'open' | 'full' | 'later' | 'shut'

/** How many orders there were, and how they ended; `busy` are among the failed. */
export interface Counts {
  placed: number
  done: number
  cancelled: number
  failed: number
  busy: number
}

export interface EndpointStateOptions extends LearntOptions {
  readonly permits: OpenPermits
  /** A place may be free. */
  readonly onFree: (state: EndpointState) => void
  /** Another that shares its permits was asked to leave it alone for so many milliseconds from now. */
  readonly onRest: (state: EndpointState, ms: number) => void
}

export class EndpointState {
  readonly permits: SharedPermits
  readonly counts: Counts = { placed: 0, done: 0, cancelled: 0, failed: 0, busy: 0 }
  readonly #options: EndpointStateOptions
  settings: EndpointSettings
  /** Another object where it is another endpoint of the same name. */
  learnt: Learnt
  /** Counted, not learnt: they hold for the name, wherever it leads. */
  rates: RateLimits
  /** Lines it serves; the scheduler's. */
  pools: readonly Pool[] = []
  /** Orders in those lines; the scheduler's. */
  waiting = 0
  /** Monotonic milliseconds; says something after the gate was `later`. */
  readyAt = 0
  /** A place there was not to be had in this round of choosing; the chooser's. */
  missedIn = 0
  #inFlight = 0
  #retired = false
  #sharedLimit: number
  #askedAt: number | undefined

  constructor(settings: EndpointSettings, options: EndpointStateOptions) {
    this.settings = settings
    this.#options = options
    this.learnt = new Learnt(settings, options)
    this.rates = new RateLimits(settings.limits)
    this.#sharedLimit = settings.maxConcurrent
    const onFree = (): void => {
      this.#askedAt = undefined
      options.onFree(this)
    }
    const onRest = (ms: number): void => options.onRest(this, ms)
    this.permits = options.permits(settings.name, settings.maxConcurrent, onFree, onRest)
  }

  get name(): string {
    return this.settings.name
  }

  /** Orders that this scheduler has there. */
  get inFlight(): number {
    return this.#inFlight
  }

  get breaker(): Breaker {
    return this.learnt.breaker
  }

  get cooling(): Cooling {
    return this.learnt.cooling
  }

  get limit(): ConcurrencyLimit {
    return this.learnt.limit
  }

  get speed(): Speed {
    return this.learnt.speed
  }

  get firstToken(): FirstTokenLimit {
    return this.learnt.firstToken
  }

  get wholeAnswer(): FirstTokenLimit {
    return this.learnt.wholeAnswer
  }

  get memory(): PrefixMemory {
    return this.learnt.memory
  }

  /** Mean time of a whole answer, or undefined before there was one. */
  get serviceMs(): number | undefined {
    return this.learnt.serviceMs
  }

  get retired(): boolean {
    return this.#retired
  }

  /** When it last showed that it lives, monotonic milliseconds. */
  get signAt(): number | undefined {
    return this.learnt.signAt
  }

  /** The server's own gauges, while they are fresh. */
  hint(now: number): Hint | undefined {
    return this.learnt.hint(now)
  }

  hinted(hint: Hint, now: number): void {
    this.learnt.hinted(hint, now)
  }

  /**
   * New settings of the same name: it is wanted, also when it was retired, as long as orders are there. What was learnt at
   * another address, with another key or model is forgotten.
   */
  renew(settings: EndpointSettings): void {
    const before = this.settings
    this.settings = settings
    this.#retired = false
    if (
      settings.limits?.requestsPerMinute !== before.limits?.requestsPerMinute ||
      settings.limits?.tokensPerMinute !== before.limits?.tokensPerMinute
    )
      this.rates = new RateLimits(settings.limits)
    if (settings.url !== before.url || settings.model !== before.model || settings.apiKey !== before.apiKey) {
      this.learnt = new Learnt(settings, this.#options)
      this.permits.rest(0)
    } else if (settings.adaptive !== before.adaptive || settings.protocol !== before.protocol)
      this.learnt.limitAnew(settings)
    else this.learnt.limit.setMost(settings.maxConcurrent)
    this.shareLimit()
  }

  /** Tells the permits what limit holds now. */
  shareLimit(): void {
    const { value } = this.limit
    if (this.#retired || value === this.#sharedLimit) return
    this.#sharedLimit = value
    this.permits.setLimit(value)
  }

  /** Whether it takes an order of about so many tokens. Sets `readyAt` when it is `later`. */
  gate(now: number, tokens: number, round: number): Gate {
    if (this.#retired || !this.breaker.allows(now)) return 'shut'
    if (now < this.cooling.until) {
      this.readyAt = this.cooling.until
      return 'later'
    }
    if (this.missedIn === round || !this.hasPlace || !this.cooling.allows(now)) return 'full'
    this.readyAt = this.rates.readyAt(now, tokens)
    return this.readyAt > now ? 'later' : 'open'
  }

  /** Milliseconds within which nearly all first tokens come, of answers that are streamed or whole; undefined before any. */
  get firstMs(): number | undefined {
    const { nearlyAlways } = this.firstToken
    const whole = this.wholeAnswer.nearlyAlways
    return nearlyAlways === undefined ? whole : Math.max(nearlyAlways, whole ?? 0)
  }

  /** By how much its orders are overdue, in milliseconds. `usualMs`: what to expect while nothing is known of it. */
  lateMs(now: number, usualMs?: number): number {
    return this.learnt.silence.lateMs(now, this.firstMs ?? usualMs)
  }

  /** Whether fewer than the limit are there. */
  get hasPlace(): boolean {
    return this.#inFlight < this.limit.value && this.permits.heldByAll < this.permits.limit
  }

  /** An order is there from now on: its permit was taken. */
  arrived(now: number, tokens: number): void {
    this.#inFlight++
    this.counts.placed++
    this.rates.began(now, tokens)
  }

  /** It is there no more. The permit goes back, and whoever waits hears of it before this returns. */
  left(): void {
    this.#inFlight--
    this.shareLimit()
    if (this.#retired && this.#inFlight === 0) this.permits[Symbol.dispose]()
    else this.permits.give()
  }

  /** A permit was not at hand: one is asked for. Since when, monotonic milliseconds. */
  asked(now: number): number {
    if (this.waiting > 0) this.permits.want(this.waiting)
    return (this.#askedAt ??= now)
  }

  /** It gets no more orders; those that are there end as they may. */
  retire(): void {
    if (this.#retired) return
    this.#retired = true
    this.pools = []
    if (this.#inFlight === 0) this.permits[Symbol.dispose]()
  }
}
