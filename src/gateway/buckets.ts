// Token buckets: so many requests a minute for each of many callers, a tenth of it at once.

/** What one request did to a bucket. */
export interface Draw {
  /** Whether there was something to take. */
  granted: boolean
  /** How many are left at once. */
  remaining: number
  /** Until the bucket is full again, in milliseconds. */
  fullInMs: number
  /** Until there is one to take, in milliseconds; 0 when there is. */
  nextInMs: number
}

interface Bucket {
  tokens: number
  at: number
}

const minute = 60_000

export class Buckets {
  /** How many a full bucket holds: a tenth of what it gets in a minute, at least 1. */
  readonly burst: number
  readonly perMinute: number
  readonly #most: number
  readonly #now: () => number
  readonly #buckets = new Map<string, Bucket>()

  /** Remembers at most `most` (10,000) callers; those with full buckets are forgotten first, then those from long ago. */
  constructor(perMinute: number, { most = 10_000, now = () => performance.now() } = {}) {
    this.perMinute = perMinute
    this.burst = Math.max(1, Math.floor(perMinute / 10))
    this.#most = most
    this.#now = now
  }

  /** How many callers are remembered. */
  get size(): number {
    return this.#buckets.size
  }

  /** What `take` would find; takes nothing. */
  look(of: string): Draw {
    return this.#draw(this.#tokensOf(of))
  }

  /** Takes one, when there is one. */
  take(of: string): Draw {
    const tokens = this.#tokensOf(of)
    const draw = this.#draw(tokens)
    const left = draw.granted ? tokens - 1 : tokens
    this.#put(of, left)
    return { ...this.#draw(left), granted: draw.granted, nextInMs: draw.nextInMs }
  }

  /** Takes what was granted elsewhere. It may be more than there is; then that is made up for first. */
  debit(of: string, count: number): void {
    this.#put(of, this.#tokensOf(of) - count)
  }

  #put(of: string, tokens: number): void {
    // The one used last stands last.
    this.#buckets.delete(of)
    this.#buckets.set(of, { tokens, at: this.#now() })
    if (this.#buckets.size > this.#most) this.#forget()
  }

  #draw(tokens: number): Draw {
    const msPerToken = minute / this.perMinute
    return {
      granted: tokens >= 1,
      remaining: Math.max(0, Math.floor(tokens)),
      fullInMs: (this.burst - tokens) * msPerToken,
      nextInMs: Math.max(0, 1 - tokens) * msPerToken,
    }
  }

  #tokensOf(of: string): number {
    const bucket = this.#buckets.get(of)
    if (!bucket) return this.burst
    return Math.min(this.burst, bucket.tokens + ((this.#now() - bucket.at) * this.perMinute) / minute)
  }

  /** A full bucket is as good as none. When none is full a tenth goes, so that this is seldom. */
  #forget(): void {
    for (const of of this.#buckets.keys()) if (this.#tokensOf(of) >= this.burst) this.#buckets.delete(of)
    if (this.#buckets.size <= this.#most) return
    for (const of of this.#buckets.keys()) {
      if (this.#buckets.size <= this.#most * 0.9) break
      this.#buckets.delete(of)
    }
  }
}
