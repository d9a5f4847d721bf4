// Gives each order the endpoint that is best at the moment when one is free. An order that finds none stands in a line
// and is placed by whatever frees a place: nothing is looked at regularly.

import { overReason } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import { localPermits } from '../concurrency/local-permits.ts'
import { signalsOf } from './autoscale.ts'
import type { DemandView, Signal } from './autoscale.ts'
import { Choice } from './choice.ts'
import type { Strategy } from './choice.ts'
import type { Standing } from './worth.ts'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { endpointSchema } from './endpoint.ts'
import type { EndpointSettings, ModelEndpoint } from './endpoint.ts'
import { EndpointState } from './endpoint-state.ts'
import { reportOf } from './endpoint-report.ts'
import type { EndpointReport } from './endpoint-report.ts'
import type { EndpointStateOptions, Hint } from './endpoint-state.ts'
import { HealthWatch } from './health-watch.ts'
import { Placement } from './lease.ts'
import type { Keeper } from './lease.ts'
import { classOf } from './line.ts'
import type { Failure, Lease, Order, Scheduler } from './order.ts'
import { Pools } from './pools.ts'
import type { Memories, Pool } from './pools.ts'
import { seeded } from '../core/random.ts'
import { closedError, lateError, overloadError, restingError, unservedError } from './refusals.ts'
import type { SchedulerOptions } from './scheduler-options.ts'
import { refuse, Waitlist } from './waitlist.ts'

export type { SchedulerOptions, HealthNews } from './scheduler-options.ts'

/** One endpoint, for whoever asks for its health or reads its gauges. */
export interface EndpointHandle {
  /** What a question for its health found. */
  probed(ok: boolean): void
  /** The server's own gauges; they hold for three seconds. */
  hinted(hint: Hint): void
  report(): EndpointReport
}

export interface SchedulerState {
  readonly endpoints: readonly EndpointReport[]
  /** Orders in line, over all abilities. */
  readonly waiting: number
  readonly inFlight: number
}

/** A scheduler with its endpoints, which may be changed while it works. */
export interface EndpointScheduler extends Scheduler, AsyncDisposable {
  /**
   * Other endpoints from now on. What is under way at one that is gone ends as it would; one of the same name keeps what
   * was learnt. Orders in line that nobody serves any more are refused.
   */
  update(endpoints: readonly ModelEndpoint[]): void
  endpoint(name: string): EndpointHandle | undefined
  /** Plain JSON, for the page and the metrics. */
  state(): SchedulerState
  /** For autoscalers: one signal for each model. */
  signals(): Signal[]
  /** What the signals are reckoned from. */
  demands(): DemandView[]
}

/** With shared permits and more endpoints than this, two choices. */
const fewEndpoints = 8

export function openScheduler(endpoints: readonly ModelEndpoint[], options: SchedulerOptions = {}): EndpointScheduler {
  return new LateBinding(endpoints, options)
}

class LateBinding implements EndpointScheduler, Keeper {
  readonly clock: Clock
  readonly #options: SchedulerOptions
  readonly #stateOptions: EndpointStateOptions
  readonly #choice: Choice
  readonly #waitlist: Waitlist
  readonly #health: HealthWatch
  readonly #memories: Memories = { habits: new Map(), rooms: new Map(), demands: new Map() }
  readonly #states = new Map<string, EndpointState>()
  /** Taken away while orders were there: their places count until they end. */
  readonly #leaving = new Map<string, EndpointState>()
  #pools: Pools
  #placed = 0
  #closed = false

  constructor(endpoints: readonly ModelEndpoint[], options: SchedulerOptions) {
    this.#options = options
    this.clock = options.clock ?? systemClock
    this.#health = new HealthWatch(this.clock, options)
    const random = options.random === undefined ? Math.random : seeded(options.random)
    this.#choice = new Choice({ panic: options.panic ?? 0.5, random })
    this.#stateOptions = {
      permits: options.permits ?? localPermits(),
      breaker: { ...options.breaker, probed: options.onProbeWanted !== undefined, random },
      prefixBlocks: options.prefixBlocks ?? 4_096,
      onFree: (state) => this.#waitlist.serve(state),
      onRest: (state, ms) => {
        state.cooling.rests(this.clock.now(), ms)
        // Who waits for it finds out for how long.
        this.#waitlist.serve(state)
      },
    }
    this.#waitlist = new Waitlist(this.clock, this.#choice, (pool, order, standing, now) =>
      this.#place(pool, order, standing, now),
    )
    this.#pools = this.#open([])
    this.update(endpoints)
  }

  acquire(order: Order, call: Call, tried?: ReadonlySet<string>): Promise<Lease> {
    try {
      const now = this.clock.now()
      const reason = overReason(call) ?? (call.deadline <= now ? lateError(0) : undefined)
      if (reason !== undefined) return Promise.reject(reason)
      const pool = this.#poolOf(order)
      if (pool.line.size === 0) {
        const lease = this.#place(pool, order, { tried: some(tried), strict: false, ahead: 0, since: now }, now)
        if (lease !== undefined) return Promise.resolve(lease)
      }
      return this.#wait(pool, order, call, some(tried), now)
    } catch (error) {
      return Promise.reject(AndonError.from(error))
    }
  }

  tryAcquire(order: Order, call: Call, tried: ReadonlySet<string>): Lease | undefined {
    const now = this.clock.now()
    if (this.#closed || overReason(call) !== undefined || call.deadline <= now) return undefined
    const pool = this.#pools.find(order)
    // Whoever waits has none yet; nobody has two before.
    if (pool === undefined || pool.line.size > 0) return undefined
    return this.#place(pool, order, { tried, strict: true, ahead: 0, since: now }, now)
  }

  update(endpoints: readonly ModelEndpoint[]): void {
    if (this.#closed) throw closedError()
    const settings = endpoints.map(settingsOf)
    const names = new Set(settings.map(({ name }) => name))
    if (names.size < settings.length) {
      const twice = settings.find(({ name }, at) => settings.findIndex((other) => other.name === name) < at)
      throw new AndonError('invalid', `Two endpoints are named ${twice?.name}: give each a name of its own`)
    }
    const waiters = this.#waitlist.empty(this.#pools.all)
    for (const [name, state] of this.#states) {
      state.pools = []
      if (names.has(name)) continue
      this.#states.delete(name)
      this.#health.gone(state)
      state.retire()
      if (state.inFlight > 0) this.#leaving.set(name, state)
    }
    for (const one of settings) {
      const state = this.#states.get(one.name) ?? this.#leaving.get(one.name)
      if (state === undefined) {
        this.#states.set(one.name, new EndpointState(one, this.#stateOptions))
        continue
      }
      // Taken away and brought back before its last order has ended: its orders still count.
      const isBack = this.#leaving.delete(one.name)
      this.#states.set(one.name, state)
      const { breaker } = state
      state.renew(one)
      if (isBack) this.#health.back(state)
      // At another address it is another endpoint, of which nothing bad is known.
      else if (state.breaker !== breaker) this.#health.rose(state)
    }
    this.#pools = this.#open([...this.#states.values()])
    for (const waiter of waiters) {
      const pool = this.#pools.find(waiter.order)
      if (pool === undefined) refuse(waiter, unservedError(waiter.order))
      else this.#waitlist.add(waiter, pool)
    }
    for (const state of this.#states.values()) this.#waitlist.serve(state)
  }

  endpoint(name: string): EndpointHandle | undefined {
    const state = this.#states.get(name)
    if (state === undefined) return undefined
    return {
      probed: (ok) => {
        const now = this.clock.now()
        // Asked for while it is used, it shows what orders would have to find out.
        const shut = !ok && state.breaker.state === 'closed' && state.breaker.failed(now, false)
        if (shut) this.#health.fell(state, unwell(name))
        else if (state.breaker.probed(ok, now)) this.#waitlist.serve(state)
      },
      hinted: (hint) => state.hinted(hint, this.clock.now()),
      report: () => reportOf(state, this.clock.now(), this.#placed),
    }
  }

  state(): SchedulerState {
    const now = this.clock.now()
    const endpoints = [...this.#states.values()].map((state) => reportOf(state, now, this.#placed))
    return {
      endpoints,
      waiting: this.#pools.all.reduce((sum, { line }) => sum + line.size, 0),
      inFlight: endpoints.reduce((sum, { inFlight }) => sum + inFlight, 0),
    }
  }

  signals(): Signal[] {
    return signalsOf(this.demands())
  }

  demands(): DemandView[] {
    const now = this.clock.now()
    const views: DemandView[] = []
    for (const { demand, endpoints, waiting } of this.#pools.demands()) {
      const places = endpoints.map(({ name, limit, breaker }) => ({
        name,
        places: limit.value,
        used: breaker.state === 'closed',
      }))
      views.push(demand.view(now, places, waiting, this.#options.use ?? 0.75))
    }
    return views
  }

  /** Refuses whoever waits. What is at endpoints ends as it would. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const waiter of this.#waitlist.empty(this.#pools.all)) refuse(waiter, closedError())
    this.#waitlist[Symbol.dispose]()
    this.#health[Symbol.dispose]()
    for (const state of this.#states.values()) state.retire()
  }

  rose(state: EndpointState): void {
    this.#health.rose(state)
    this.#waitlist.serve(state)
  }

  fell(state: EndpointState, failure: Failure): void {
    this.#health.fell(state, failure)
  }

  left(state: EndpointState): void {
    if (state.retired && state.inFlight === 0 && this.#leaving.get(state.name) === state)
      this.#leaving.delete(state.name)
    this.#health.left(state)
    this.#waitlist.serve(state)
  }

  #open(states: readonly EndpointState[]): Pools {
    return new Pools(states, this.#memories, {
      queue: this.#options.queue ?? 1_000,
      ageMs: this.#options.ageMs ?? 5_000,
      penalties: this.#options.penalties ?? {},
      strategy: strategyFor(states.length, this.#options),
      now: this.clock.now(),
      onWake: (pool) => this.#waitlist.serveLine(pool),
    })
  }

  #poolOf(order: Order): Pool {
    if (this.#closed) throw closedError()
    const pool = this.#pools.find(order)
    if (pool === undefined) throw unservedError(order)
    return pool
  }

  /** Counts an order at the endpoint that is best for it, if any takes it now. */
  #place(pool: Pool, order: Order, standing: Standing, now: number): Placement | undefined {
    const state = this.#choice.choose(pool, order, standing, now)
    if (state === undefined) return undefined
    this.#placed++
    pool.demand.placed(now, now - standing.since)
    return new Placement(this, state, pool, order, now)
  }

  #wait(pool: Pool, order: Order, call: Call, tried: ReadonlySet<string> | undefined, now: number): Promise<Lease> {
    const soonest = this.#choice.soonest(pool, order, now)
    if (soonest > now && soonest >= call.deadline) throw restingError(order, soonest - now)
    const ahead = pool.line.ahead(classOf(order.priority))
    const left = call.deadline - now
    const predicted = this.#choice.wait(pool, ahead, now)
    if (ahead > 0 && predicted > 2 * left)
      throw overloadError(
        order,
        `would have to wait about ${Math.round(predicted)} ms of the ${Math.round(left)} ms that it has`,
        predicted - left,
      )
    const place = this.#waitlist.wait(pool, this.#pools.all, { order, call, tried }, predicted)
    place.catch(() => {
      const then = this.clock.now()
      pool.demand.gaveUp(then, then - now)
    })
    return place
  }
}

/** What is known of many endpoints whose places others take, too, is old. */
function strategyFor(count: number, { strategy, permits }: SchedulerOptions): Strategy {
  return strategy ?? (permits !== undefined && count > fewEndpoints ? 'two-choices' : 'least-cost')
}

/** Why an endpoint is shut whose answers for its health were bad. */
function unwell(name: string): Failure {
  const error = new AndonError('unavailable', `The endpoint "${name}" is not well: look at its health`)
  return { kind: 'failed', error, elsewhere: true, blame: true }
}

function settingsOf(endpoint: ModelEndpoint): EndpointSettings {
  const read = endpointSchema.safeParse(endpoint)
  if (read.success) return read.data
  const problems = read.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  )
  const url: unknown = endpoint.url
  const where = typeof url === 'string' ? ` at ${url.replace(/\/\/[^/@\s]+@/, '//')}` : ''
  const who = `The endpoint "${endpoint.name ?? ''}"${where}`
  throw new AndonError('invalid', `${who} is not described right: ${problems.join('; ')}`)
}

function some(tried: ReadonlySet<string> | undefined): ReadonlySet<string> | undefined {
  return tried === undefined || tried.size === 0 ? undefined : tried
}
