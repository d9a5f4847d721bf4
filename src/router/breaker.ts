// Keeps orders away from an endpoint that fails: open after three failures, and after a while one order is let through
// to see. (Nygard, Release It!; backoff with jitter as in the AWS Builders' Library.)

export interface BreakerOptions {
  /** Failures, less successes, after which it opens. Default 3. */
  readonly failures?: number
  /** How long it stays open the first time, in milliseconds; doubled with each failed try. Default 250. */
  readonly firstMs?: number
  /** Longest time that it stays open. Default 800, so that it is used within a second when it is back; 10,000 when probed. */
  readonly mostMs?: number
  /** Between two questions for health while it is open. Default 600. */
  readonly probeMs?: number
  /** Whether somebody asks for its health: then it is tried only after a good answer. Default false. */
  readonly probed?: boolean
  /** From 0 to 1, for the jitter. */
  readonly random?: () => number
}

export type BreakerState = 'closed' | 'open' | 'half-open'

/** Times are spread by a fifth to both sides, so that many do not come back at the same moment. */
const jitter = 0.2

export class Breaker {
  readonly #failures: number
  readonly #firstMs: number
  readonly #mostMs: number
  readonly #probeMs: number
  readonly #probed: boolean
  readonly #random: () => number
  #state: BreakerState = 'closed'
  #score = 0
  #openedAt = -Infinity
  #failedAt = -Infinity
  #until = 0
  #tries = 0
  #trying = false
  #well = false

  constructor(options: BreakerOptions = {}) {
    this.#failures = options.failures ?? 3
    this.#firstMs = options.firstMs ?? 250
    this.#probed = options.probed ?? false
    this.#mostMs = options.mostMs ?? (this.#probed ? 10_000 : 800)
    this.#probeMs = options.probeMs ?? 600
    this.#random = options.random ?? Math.random
  }

  get state(): BreakerState {
    return this.#state
  }

  /** When an open one may be tried at the earliest, monotonic milliseconds. */
  get until(): number {
    return this.#until
  }

  /** Whether an order may go there. Time alone opens the way when nobody asks for its health. */
  allows(now: number): boolean {
    if (this.#state === 'closed') return true
    if (this.#state === 'open') {
      if (now < this.#until || (this.#probed && !this.#well)) return false
      this.#state = 'half-open'
    }
    return !this.#trying
  }

  /** Whether it opened after this moment: what was under way then was held up by more than its own length. */
  openedSince(at: number): boolean {
    return at < this.#openedAt
  }

  /** When its health should be asked for again, monotonic milliseconds. */
  nextProbe(now: number): number {
    return now + this.#spread(this.#probeMs)
  }

  /** An order goes there. True when it is the one that tries a half-open breaker; it is named again when it ends. */
  began(): boolean {
    if (this.#state !== 'half-open' || this.#trying) return false
    this.#trying = true
    return true
  }

  /** The first content came of an order that began at this time. True when that closed it. */
  lives(beganAt: number, trying: boolean): boolean {
    if (trying) this.#trying = false
    if (this.#state === 'closed' || this.openedSince(beganAt)) return false
    this.#state = 'closed'
    this.#trying = false
    this.#well = false
    this.#until = 0
    // One failure more opens it again, until an answer was whole.
    this.#score = this.#failures - 1
    return true
  }

  /** An answer was whole. */
  succeeded(beganAt: number, trying: boolean): boolean {
    const closed = this.lives(beganAt, trying)
    // What was sent before the last failure says nothing against it.
    if (this.#state === 'closed' && beganAt >= this.#failedAt) {
      this.#score = Math.max(0, this.#score - 1)
      this.#tries = 0
    }
    return closed
  }

  /** An order failed and the endpoint is to blame. `weight` counts it as several. True when that opened it. */
  failed(now: number, trying: boolean, weight = 1): boolean {
    if (trying) this.#trying = false
    this.#score += weight
    this.#failedAt = now
    if (this.#state === 'closed') {
      if (this.#score < this.#failures) return false
      this.#open(now)
      return true
    }
    // What failed late was sent before it opened, and says nothing new; the one that tries does.
    if (trying || this.#state === 'half-open') this.#open(now)
    return false
  }

  /** The order that tried ended without saying anything: the next may try. */
  released(trying: boolean): void {
    if (trying) this.#trying = false
  }

  /** An answer to a question for its health. True when an order may try now or at `until`. */
  probed(ok: boolean, now: number): boolean {
    if (this.#state !== 'open') return false
    this.#well = ok
    return ok && this.allows(now)
  }

  #open(now: number): void {
    this.#state = 'open'
    this.#well = false
    this.#trying = false
    this.#openedAt = now
    const wait = this.#spread(Math.min(this.#mostMs, this.#firstMs * 2 ** this.#tries++))
    this.#until = Math.max(this.#until, now + wait)
  }

  #spread(ms: number): number {
    return ms * (1 - jitter + 2 * jitter * this.#random())
  }
}
