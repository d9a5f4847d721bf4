// A rate limiter: a bucket that fills with tokens at an even rate, and a line of those who wait for theirs.

import { longestTimerMs } from '../core/deadlines.ts'
import { WaiterList, wrong, type PrimitiveOptions, type WaitOptions } from './waiters.ts'

export interface RateLimiterOptions extends PrimitiveOptions {
  /** Tokens that come in a second. May be a fraction. */
  perSecond: number
  /** Most tokens that lie ready, and most that one may ask for. The bucket begins full. Default: `perSecond`, at least 1. */
  burst?: number
  /** Default: the machine's own. Another makes time go as one likes. */
  clock?: LimiterClock
}

/** What time it is, and a way to be called later. */
export interface LimiterClock {
  /** Monotonic milliseconds. */
  now(): number
  /** Calls back once after so many milliseconds. Returns how to prevent it. */
  setTimer(ms: number, fired: () => void): () => void
}

/** How many tokens, and how long one is willing to wait. */
export interface TokenOptions extends WaitOptions {
  /** Above 0, up to the burst. Default: 1. */
  tokens?: number
}

/**
 * At most so many per second, after a burst. `await limiter.acquire({ tokens: 3, signal })`.
 *
 * Promises: in any span of time no more than the burst and what flowed in meanwhile (a token bucket, as in RFC 2697);
 * strictly first come, first served, so that one who wants little does not overtake one who wants much; who leaves
 * takes nothing. One who waits keeps the program alive, because time will serve it.
 * Does not promise: to count what other threads, processes or hosts do, or to give tokens back.
 * Disposing it: who waits and who comes hears `unavailable`.
 */
export class RateLimiter implements Disposable {
  readonly perSecond: number
  readonly burst: number
  readonly #clock: LimiterClock
  readonly #line: WaiterList<void, number>
  #tokens: number
  #at: number
  #stopTimer: (() => void) | undefined

  constructor(options: RateLimiterOptions) {
    const { perSecond, burst = Math.max(1, perSecond), clock = machineClock } = options
    if (!(perSecond > 0 && perSecond < Infinity)) throw wrong('perSecond of a rate limiter', perSecond, 'above 0')
    if (!(burst > 0 && burst < Infinity)) throw wrong('burst of a rate limiter', burst, 'above 0')
    this.perSecond = perSecond
    this.burst = burst
    this.#clock = clock
    this.#line = new WaiterList({ kind: 'rate limiter', late: 'had not enough tokens' }, options, () => this.#serve())
    this.#tokens = burst
    this.#at = clock.now()
  }

  /** Tokens that lie ready. Those who wait come first. */
  get available(): number {
    this.#fill()
    return this.#tokens
  }

  /** How many wait. */
  get waiting(): number {
    return this.#line.size
  }

  /** Waits for its turn and its tokens. */
  acquire(options?: TokenOptions): Promise<void> {
    const tokens = options?.tokens ?? 1
    if (!this.#sensible(tokens)) return Promise.reject(this.#wrongTokens(tokens))
    const refusal = this.#line.closed ?? (options?.signal?.aborted ? this.#line.refusal(options) : undefined)
    if (refusal) return Promise.reject(refusal)
    if (this.tryAcquire(tokens)) return Promise.resolve()
    const waiting = this.#line.wait(tokens, options)
    if (!this.#stopTimer) this.#serve()
    return waiting
  }

  /** Takes tokens when they lie ready and nobody waits. */
  tryAcquire(tokens = 1): boolean {
    if (!this.#sensible(tokens)) throw this.#wrongTokens(tokens)
    if (this.#line.size > 0 || this.#line.closed) return false
    this.#fill()
    if (this.#tokens < tokens) return false
    this.#tokens -= tokens
    return true
  }

  [Symbol.dispose](): void {
    this.#line.close()
    this.#stopTimer?.()
    this.#stopTimer = undefined
  }

  #fill(): void {
    const now = this.#clock.now()
    this.#tokens = Math.min(this.burst, this.#tokens + ((now - this.#at) * this.perSecond) / 1_000)
    this.#at = now
  }

  /** From the front, as far as the tokens go; and again when the first will have its own. */
  #serve(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
    this.#fill()
    let waiter = this.#line.first
    // A sum of fractions may miss a whole by the last bits.
    for (; waiter !== undefined && waiter.want <= this.#tokens + tiny; waiter = this.#line.first) {
      this.#line.remove(waiter)
      this.#tokens = Math.max(0, this.#tokens - waiter.want)
      waiter.resolve()
    }
    if (waiter === undefined) return
    const ms = ((waiter.want - this.#tokens) / this.perSecond) * 1_000
    this.#stopTimer = this.#clock.setTimer(Math.max(1, Math.ceil(ms)), () => this.#serve())
  }

  #sensible(tokens: number): boolean {
    return tokens > 0 && tokens <= this.burst
  }

  #wrongTokens(tokens: number): Error {
    return wrong(`What is asked of ${this.#line.title}`, tokens, `above 0 and at most its burst of ${this.burst}`)
  }
}

const tiny = 1e-9

const machineClock: LimiterClock = {
  now: () => performance.now(),
  setTimer(ms, fired) {
    // A limiter whose wait is longer looks again then.
    const timer = setTimeout(fired, Math.min(ms, longestTimerMs))
    return () => clearTimeout(timer)
  },
}
