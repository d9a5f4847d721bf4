// What an autoscaler wants to know of a model: how much is asked of it, how long it waits, how many endpoints would do.

/** Demand is averaged over so long, so that one busy moment starts no machine. */
const memoryMs = 15_000
/** Waits of the last minute count, and of those the latest. Who asked before it asks no more. */
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
  /** in_flight ÷ limit; 1 when somebody is there and no endpoint may be used. */
  readonly utilization: number
  /** Endpoints that may take orders. */
  readonly replicas: number
  /**
   * 95 of 100 orders waited no longer, in seconds: those that had a place or gave up in the last minute, and those that
   * wait now, so far.
   */
  readonly queue_seconds_p95: number
  /**
   * Endpoints that would carry the demand of the last quarter minute at the aimed-at use: ceil(demand ÷ (places of one ×
   * use)). While none may be used and somebody asks, no fewer than there are: of an outage nothing is learnt about what
   * is needed after it.
   */
  readonly desired_replicas: number
}

/** What is asked of one model, as one router knows it; plain JSON, for those that add up what several know. */
export interface DemandView {
  readonly ability: string
  readonly model: string
  readonly queued: number
  readonly in_flight: number
  /** Waiting and under way, averaged over the last quarter minute. */
  readonly level: number
  /** Whether anybody asked in the last minute, or waits or is under way. Default: no. */
  readonly asked?: boolean
  readonly queue_seconds_p95: number
  /** Share of the places to be used. */
  readonly use: number
  readonly endpoints: readonly EndpointPlaces[]
}

/** An endpoint that serves a model. */
export interface EndpointPlaces {
  readonly name: string
  /** Most at once. */
  readonly places: number
  /** Whether it may take orders. */
  readonly used: boolean
}

/** One signal for each group of views that share a key: of several routers, or of several abilities. */
export function signalsOf(views: readonly DemandView[], keyOf: (view: DemandView) => string = kindOf): Signal[] {
  return [...Map.groupBy(views, keyOf).values()].flatMap((group) => signalOf(group) ?? [])
}

function kindOf({ ability, model }: DemandView): string {
  return `${ability} ${model}`
}

/**
 * Demand adds up. An endpoint counts once: with the lowest number of places that anybody gives it, and as used when at
 * least half of those who know it use it, because one that asks little learns late how it is. What one more would have is
 * the mean of all that exist: an outage makes no endpoint smaller.
 */
function signalOf(views: readonly DemandView[]): Signal | undefined {
  const [first] = views
  if (first === undefined) return undefined
  const sum = (of: (view: DemandView) => number): number => views.reduce((total, view) => total + of(view), 0)
  const endpoints = Map.groupBy(
    views.flatMap((view) => view.endpoints),
    ({ name }) => name,
  )
  let all = 0
  let limit = 0
  let replicas = 0
  for (const known of endpoints.values()) {
    const places = Math.min(...known.map((one) => one.places))
    all += places
    if (known.filter(({ used }) => used).length * 2 < known.length) continue
    limit += places
    replicas++
  }
  const each = all / Math.max(1, endpoints.size) || 1
  const queued = sum((view) => view.queued)
  const inFlight = sum((view) => view.in_flight)
  const level = sum((view) => view.level)
  const needed = Math.ceil(level / (each * first.use) - 1e-6)
  const isOut = replicas === 0 && views.some((view) => view.asked === true)
  return {
    ability: first.ability,
    model: first.model,
    queued,
    in_flight: inFlight,
    limit,
    utilization: limit > 0 ? inFlight / limit : Math.min(1, queued + inFlight),
    replicas,
    queue_seconds_p95: Math.max(...views.map((view) => view.queue_seconds_p95)),
    desired_replicas: Math.max(1, needed, isOut ? endpoints.size : 0),
  }
}

/** The demand for one model. */
export class Demand {
  readonly ability: string
  readonly model: string
  #queued = 0
  #inFlight = 0
  #level = 0
  #at = 0
  #askedAt = -Infinity
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
    if (by > 0) this.#askedAt = now
  }

  /** One has a place, after so long in line. */
  placed(now: number, waitedMs: number): void {
    this.#advance(now)
    this.#inFlight++
    this.#askedAt = now
    this.#waited(now, waitedMs)
  }

  /** One left the line without a place, after so long in it. */
  gaveUp(now: number, waitedMs: number): void {
    this.#waited(now, waitedMs)
  }

  /** One gave its place back. */
  ended(now: number): void {
    this.#advance(now)
    this.#inFlight--
  }

  /** Whether anybody asked in the last minute, or waits or is under way. */
  isAsked(now: number): boolean {
    return this.#queued + this.#inFlight > 0 || now - this.#askedAt <= waitsMs
  }

  /** `waiting`: since when those wait who do now. `use`: share of the places to be used. */
  view(now: number, endpoints: readonly EndpointPlaces[], waiting: readonly number[], use: number): DemandView {
    this.#advance(now)
    return {
      ability: this.ability,
      model: this.model,
      queued: this.#queued,
      in_flight: this.#inFlight,
      level: this.#level,
      asked: this.isAsked(now),
      queue_seconds_p95: this.#waitOf(0.95, now, waiting) / 1_000,
      use,
      endpoints,
    }
  }

  #waited(now: number, ms: number): void {
    const at = this.#count++ % mostWaits
    this.#waits[at] = ms
    this.#waitedAt[at] = now
  }

  #waitOf(share: number, now: number, waiting: readonly number[]): number {
    const waits = waiting.map((since) => now - since)
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
