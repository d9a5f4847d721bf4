// What an autoscaler wants to know of a model: how much is asked of it, how long it waits, how many endpoints would do.

/** Demand is averaged over so long, so that one busy moment starts no machine. */
const memoryMs = 15_000
/** Waits of the last minute count, and of those the latest. */
const waitsMs = 60_000
const mostWaits = 512

/** For HPA (as an external metric) and KEDA (metrics-api): plain numbers under stable names. */
export interface Signal {
  readonly ability: string
  /** The name that callers ask for; `*` for any. */
  readonly model: string
  /** Orders that wait for a place now. */
  readonly queued: number
  /** Orders at endpoints now. */
  readonly in_flight: number
  /** Most orders at endpoints at once, now. */
  readonly limit: number
  /** in_flight ÷ limit. */
  readonly utilization: number
  /** Endpoints that may take orders. */
  readonly replicas: number
  /** 95 of 100 orders of the last minute waited no longer, in seconds. */
  readonly queue_seconds_p95: number
  /** Endpoints that would carry the demand of the last quarter minute at the aimed-at use: ceil(demand ÷ (places of one × use)). */
  readonly desired_replicas: number
}

/** The demand for one model. */
export class Demand {
  readonly ability: string
  readonly model: string
  #queued = 0
  #inFlight = 0
  #level = 0
  #at = 0
  readonly #waits = new Float64Array(mostWaits)
  readonly #waitedAt = new Float64Array(mostWaits)
  #count = 0

  constructor(ability: string, model: string) {
    this.ability = ability
    this.model = model
  }

  get queued(): number {
    return this.#queued
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** One more stands in line, or one less. */
  queue(now: number, by: 1 | -1): void {
    this.#advance(now)
    this.#queued += by
  }

  /** One has a place, after so long in line. */
  placed(now: number, waitedMs: number): void {
    this.#advance(now)
    this.#inFlight++
    const at = this.#count++ % mostWaits
    this.#waits[at] = waitedMs
    this.#waitedAt[at] = now
  }

  /** One gave its place back. */
  ended(now: number): void {
    this.#advance(now)
    this.#inFlight--
  }

  /** `places`: most at once of each endpoint that may take orders. `use`: share of the places to be used. */
  signal(now: number, places: readonly number[], use: number): Signal {
    this.#advance(now)
    const limit = places.reduce((sum, one) => sum + one, 0)
    const each = places.length === 0 ? 1 : limit / places.length
    return {
      ability: this.ability,
      model: this.model,
      queued: this.#queued,
      in_flight: this.#inFlight,
      limit,
      utilization: limit === 0 ? 0 : this.#inFlight / limit,
      replicas: places.length,
      queue_seconds_p95: this.#waitOf(0.95, now) / 1_000,
      desired_replicas: Math.max(1, Math.ceil(this.#level / (each * use) - 1e-6)),
    }
  }

  #waitOf(share: number, now: number): number {
    const waits: number[] = []
    for (let at = 0; at < Math.min(this.#count, mostWaits); at++) {
      if (now - (this.#waitedAt[at] ?? 0) <= waitsMs) waits.push(this.#waits[at] ?? 0)
    }
    waits.sort((a, b) => a - b)
    return waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? 0
  }

  /** Exponential average over time of what is asked for: waiting and under way. */
  #advance(now: number): void {
    const current = this.#queued + this.#inFlight
    this.#level += (current - this.#level) * (this.#at === 0 ? 1 : 1 - Math.exp((this.#at - now) / memoryMs))
    this.#at = now
  }
}
