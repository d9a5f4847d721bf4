// Requests and tokens of the last minute, counted by the second: no sixty seconds ever hold more than the owner allows.

const seconds = 61

export class RateLimit {
  readonly #most: number
  readonly #counts = new Float64Array(seconds)
  #second = 0
  #sum = 0

  /** `most` in any sixty seconds. */
  constructor(most: number) {
    this.#most = most
  }

  /** In the last minute. */
  used(now: number): number {
    this.#turn(now)
    return this.#sum
  }

  /** When so many more are let through, monotonic milliseconds: `now`, or later. More than the limit go alone. */
  readyAt(now: number, amount: number): number {
    this.#turn(now)
    const over = this.#sum + amount - this.#most
    if (over <= 0 || this.#sum <= 0) return now
    let freed = 0
    for (let age = seconds - 1; age >= 0; age--) {
      freed += this.#counts[(this.#second - age + seconds) % seconds] ?? 0
      if (freed >= over || freed >= this.#sum) return (this.#second - age + seconds) * 1_000
    }
    return now
  }

  /** Counts them; less than 0 gives back what was counted too much. */
  count(now: number, amount: number): void {
    this.#turn(now)
    const at = this.#second % seconds
    this.#counts[at] = (this.#counts[at] ?? 0) + amount
    this.#sum += amount
  }

  #turn(now: number): void {
    const second = Math.floor(now / 1_000)
    if (second === this.#second) return
    for (let at = Math.max(this.#second + 1, second - seconds + 1); at <= second; at++) {
      this.#sum -= this.#counts[at % seconds] ?? 0
      this.#counts[at % seconds] = 0
    }
    this.#second = second
  }
}

/** What an endpoint's owner lets through in a minute, of both kinds. */
export class RateLimits {
  readonly #requests: RateLimit | undefined
  readonly #tokens: RateLimit | undefined

  constructor(limits: { requestsPerMinute?: number | undefined; tokensPerMinute?: number | undefined } = {}) {
    this.#requests = limits.requestsPerMinute === undefined ? undefined : new RateLimit(limits.requestsPerMinute)
    this.#tokens = limits.tokensPerMinute === undefined ? undefined : new RateLimit(limits.tokensPerMinute)
  }

  readyAt(now: number, tokens: number): number {
    if (this.#requests === undefined && this.#tokens === undefined) return now
    return Math.max(this.#requests?.readyAt(now, 1) ?? now, this.#tokens?.readyAt(now, tokens) ?? now)
  }

  /** One order of about so many tokens goes out. */
  began(now: number, tokens: number): void {
    this.#requests?.count(now, 1)
    this.#tokens?.count(now, tokens)
  }

  /** One order that was counted does not go out after all. */
  undone(now: number, tokens: number): void {
    this.#requests?.count(now, -1)
    this.#tokens?.count(now, -tokens)
  }

  /** It was another number of tokens. */
  corrected(now: number, by: number): void {
    this.#tokens?.count(now, by)
  }
}
