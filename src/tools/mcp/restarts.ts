// How soon a server that ended is started again, and when it is left alone for a while.

/** When servers are started again. */
export interface RestartLimits {
  /** Deaths within `withinMs` after which it rests. Default 5 in 60,000. */
  deaths: number
  withinMs: number
  /** Default 30,000. */
  restMs: number
  /** Wait after a death; doubles with each further one. Default 100. */
  backoffMs: number
}

const defaults: RestartLimits = { deaths: 5, withinMs: 60_000, restMs: 30_000, backoffMs: 100 }

/** Counts the deaths of one server. */
export class Restarts {
  readonly #limits: RestartLimits
  #deaths: number[] = []
  #restsUntil = 0
  #last = ''

  constructor(limits: Partial<RestartLimits> = {}) {
    this.#limits = { ...defaults, ...limits }
  }

  /** It ended; returns whether it rests now. `why` is a sentence without its subject. */
  died(why: string, now = performance.now()): boolean {
    const { deaths, withinMs, restMs } = this.#limits
    this.#last = why
    this.#deaths = [...this.#deaths.filter((at) => now - at < withinMs), now]
    if (this.#deaths.length < deaths) return false
    this.#restsUntil = now + restMs
    // One death after the rest is enough for the next.
    this.#deaths = this.#deaths.slice(-(deaths - 1))
    return true
  }

  /** Milliseconds that it still rests, and why. */
  resting(now = performance.now()): { ms: number; why: string } | undefined {
    if (now >= this.#restsUntil) return undefined
    const ms = Math.ceil(this.#restsUntil - now)
    return { ms, why: `ended ${this.#limits.deaths} times and rests for ${ms} ms. The last time it ${this.#last}` }
  }

  /** Milliseconds to wait before it is started. */
  waitMs(now = performance.now()): number {
    const { backoffMs, withinMs } = this.#limits
    const recent = this.#deaths.filter((at) => now - at < withinMs)
    const last = recent.at(-1)
    return last === undefined ? 0 : Math.max(0, last + backoffMs * 2 ** (recent.length - 1) - now)
  }
}
