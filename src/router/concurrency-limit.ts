// How many orders an endpoint really takes at once, found out from what it says: fewer after a 429 or 503, fewer when
// first tokens come late, and slowly more while all goes well.

export interface ConcurrencyLimitOptions {
  /** The owner's limit: never more. */
  readonly most: number
  /** Off: always `most`. Default true. */
  readonly adaptive?: boolean
  /** Whether late first tokens count. Default false: a provider's latency is not about our load. */
  readonly gradient?: boolean
}

/** Near the number that was refused last, one more is tried only after so many rounds of good answers. */
const carefulRounds = 10
/** So many more than were taken are near it: who takes these, too, was refused over something else. */
const near = 2
/** After this time without a refusal, one more than the number that was refused last is tried after every round. */
const forgetMs = 60_000
/** First tokens may be so much later than usual before fewer are sent (Netflix's Gradient2 has 1.5 for whole calls). */
const tolerance = 2
/** First tokens that come so soon are not late, however soon they came before: who is held back here waits longer. */
const soonEnoughMs = 200
/** Weights of a new sample: what is now, and what is usual. */
const quick = 0.2
const slow = 0.002
/** At most this share is taken away at once. */
const steepest = 0.75

export class ConcurrencyLimit {
  #most: number
  readonly #adaptive: boolean
  readonly #gradient: boolean
  #limit: number
  #floor = 1
  #roundAt = -Infinity
  #refusedAt = -Infinity
  #refusedOver = Infinity
  /** The number that was refused last is known not to be what it takes: every round tries twice as many. */
  #doubling = false
  #good = 0
  #now = 0
  #usual = 0
  #samples = 0

  constructor(options: ConcurrencyLimitOptions) {
    this.#most = options.most
    this.#adaptive = options.adaptive ?? true
    this.#gradient = options.gradient ?? false
    this.#limit = options.most
  }

  /** Most at once, now: a whole number from 1 to the owner's limit. */
  get value(): number {
    return this.#limit
  }

  setMost(most: number): void {
    this.#limit = this.#limit === this.#most ? most : Math.min(this.#limit, most)
    this.#most = most
  }

  /**
   * One was refused (429, 503) that began at `beganAt`; `others` are still being answered, so they are about what it
   * takes. One round of refusals takes away no more than half: the rest were sent before the first was heard. When it had
   * nothing else to do, it did not refuse over how many there were.
   */
  refused(now: number, beganAt: number, others: number): void {
    if (!this.#adaptive || others === 0) return
    if (beganAt >= this.#roundAt) {
      this.#floor = Math.max(1, this.#limit >> 1)
      this.#roundAt = now
    }
    this.#limit = Math.max(this.#floor, Math.min(this.#limit, Math.max(1, others)))
    this.#refusedOver = this.#limit
    this.#refusedAt = now
    this.#doubling = false
    this.#good = 0
  }

  /** An answer was whole, when so many (this one included) were under way. */
  answered(now: number, inFlight: number): void {
    if (!this.#adaptive || this.#limit >= this.#most || inFlight < this.#limit) return
    const isKnown = this.#refusedOver !== Infinity
    const isOld = now - this.#refusedAt > forgetMs
    if (isKnown && this.#limit >= this.#refusedOver + near) this.#doubling = true
    // Of an old one nobody knows: it is tried sooner, and still one by one, because it may be what it takes.
    const isNear = !this.#doubling && !isOld && this.#limit >= this.#refusedOver
    if (++this.#good < this.#limit * (isNear ? carefulRounds : 1)) return
    this.#good = 0
    this.#limit = this.#doubling ? Math.min(this.#most, this.#limit * 2) : this.#limit + 1
    if (this.#limit === this.#most) this.#forget()
  }

  /**
   * The first token of a streamed answer came, `ms` after it was sent (less what its prompt's length explains), when so
   * many were under way. After Netflix's concurrency-limits, Gradient2, over time to first token.
   */
  firstToken(ms: number, inFlight: number): void {
    if (!this.#adaptive || !this.#gradient) return
    this.#samples++
    const weight = (base: number): number => Math.max(base, 1 / this.#samples)
    this.#now += (ms - this.#now) * weight(quick)
    this.#usual += (ms - this.#usual) * weight(slow)
    // What is better than usual is the new usual soon: it was the load that was unusual.
    if (this.#now < this.#usual) this.#usual += (this.#now - this.#usual) * quick
    if (this.#samples % Math.max(8, this.#limit >> 2) !== 0 || inFlight * 2 < this.#limit) return
    if (this.#now <= soonEnoughMs) return
    const ratio = (tolerance * Math.max(this.#usual, 1)) / Math.max(this.#now, 1)
    if (ratio >= 1) return
    this.#limit = Math.max(1, Math.floor(this.#limit * Math.max(steepest, ratio)))
    this.#good = 0
    if (this.#doubling) this.#forget()
  }

  #forget(): void {
    this.#refusedOver = Infinity
    this.#doubling = false
  }
}
