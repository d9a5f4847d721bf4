// A second attempt beside a first whose first token is late ("The Tail at Scale", Dean and Barroso, 2013): when to
// begin one, and how many there may be.

/** When a second attempt is made beside the first. Only orders that allow it are doubled. */
export interface HedgeOptions {
  /** Milliseconds without a first token, or `p95`: what one in twenty waits for longer, as learnt. */
  after: 'p95' | number
  /** Second attempts for each order. Default 0.05. */
  most?: number
}

/** Nothing is called late before so many first tokens have been seen. */
const leastSeen = 20
/** Share of the first tokens that may be later than what is learnt. */
const late = 0.05

export class Hedging {
  readonly #after: 'p95' | number
  readonly #most: number
  #allowance = 0
  #seen = 0
  /** Estimate of the 95th percentile, moved a little with each first token (stochastic approximation). */
  #p95 = 0

  constructor({ after, most = 0.05 }: HedgeOptions) {
    this.#after = after
    this.#most = most
  }

  /** An order came. */
  asked(): void {
    this.#allowance = Math.min(this.#allowance + this.#most, 10)
  }

  /** How long to wait for the first token before a second attempt, or undefined for none. */
  afterMs(): number | undefined {
    if (this.#allowance < 1) return undefined
    if (this.#after !== 'p95') return this.#after
    return this.#seen < leastSeen ? undefined : this.#p95
  }

  /** Whether the second attempt may still be made; it is counted with that. */
  take(): boolean {
    if (this.#allowance < 1) return false
    this.#allowance--
    return true
  }

  /** It was not made after all. */
  putBack(): void {
    this.#allowance++
  }

  /** A first token came after so many milliseconds. */
  firstToken(ms: number): void {
    this.#seen++
    if (this.#seen === 1) {
      this.#p95 = ms
      return
    }
    // Steps up are nineteen times as large as steps down, so it rests where one in twenty is above.
    const step = Math.max(this.#p95, 1) * 0.02
    this.#p95 += ms > this.#p95 ? step * (1 - late) * 4 : -step * late * 4
  }
}
