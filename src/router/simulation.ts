// A small world for the scheduler's tests: endpoints that serve so many at once in seeded times, and orders that come by
// a seeded Poisson process, all in simulated time.

import type { Call } from '../core/station.ts'
import { AndonError } from '../core/errors.ts'
import type { ModelEndpoint } from './endpoint.ts'
import type { FailureKind, Lease, Order } from './order.ts'
import { seeded } from '../core/random.ts'
import { openScheduler } from './scheduler.ts'
import type { EndpointScheduler, SchedulerOptions } from './scheduler.ts'
import { SimulatedClock } from './simulated-clock.ts'
import type { Failure } from './order.ts'

export function endpoint(name: string, more: Partial<ModelEndpoint> = {}): ModelEndpoint {
  return { name, url: 'http://127.0.0.1:9', ...more }
}

export function chat(more: Partial<Order> = {}): Order {
  return { ability: 'chat', promptTokens: 0, outputTokens: 0, ...more }
}

export function failure(kind: FailureKind, retryAfterMs?: number): Failure {
  return {
    kind,
    error: new AndonError('unavailable', kind),
    elsewhere: true,
    blame: !['busy', 'too-large', 'invalid'].includes(kind),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

/** Log-normal with this mean. */
export function logNormal(random: () => number, mean: number, sigma: number): number {
  const gauss = Math.sqrt(-2 * Math.log(random() || 1e-9)) * Math.cos(2 * Math.PI * random())
  return mean * Math.exp(sigma * gauss - (sigma * sigma) / 2)
}

/** What became of one order. */
export interface Fate {
  readonly endpoint: string | undefined
  readonly order: Order
  /** Milliseconds since the beginning. */
  readonly cameAt: number
  /** In line. */
  readonly waitedMs: number
  /** From coming to the end. */
  readonly tookMs: number
  readonly error: AndonError | undefined
}

export class World {
  readonly clock = new SimulatedClock()
  readonly scheduler: EndpointScheduler
  readonly random: () => number
  readonly fates: Fate[] = []

  constructor(endpoints: readonly ModelEndpoint[], options: SchedulerOptions & { seed?: number } = {}) {
    const { seed = 1, ...rest } = options
    this.random = seeded(seed)
    this.scheduler = openScheduler(endpoints, { random: seed + 1, ...rest, clock: this.clock })
  }

  call(budgetMs = Infinity, signal: AbortSignal = new AbortController().signal): Call {
    return { id: 'x', tenant: 'x', signal, deadline: this.clock.now() + budgetMs }
  }

  at(ms: number, happens: () => void): void {
    this.clock.setTimer(ms - this.clock.elapsed, happens)
  }

  /** Resolves after so many simulated milliseconds. */
  sleep(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.clock.setTimer(ms, resolve)
    return promise
  }

  /** Orders come `perSecond` from `fromMs` to `toMs`; each is served as `serve` does. */
  poisson(
    perSecond: number | ((ms: number) => number),
    fromMs: number,
    toMs: number,
    order: (random: () => number) => { order: Order; budgetMs?: number },
    serve: (lease: Lease, order: Order) => Promise<void>,
  ): void {
    const rate = typeof perSecond === 'number' ? () => perSecond : perSecond
    const next = (): void => {
      const now = this.clock.elapsed
      if (now >= toMs) return
      const { order: one, budgetMs } = order(this.random)
      void this.send(one, serve, budgetMs)
      this.clock.setTimer((-Math.log(this.random() || 1e-9) * 1_000) / rate(now), next)
    }
    this.at(fromMs, next)
  }

  async send(order: Order, serve: (lease: Lease, order: Order) => Promise<void>, budgetMs = Infinity): Promise<Fate> {
    const cameAt = this.clock.elapsed
    let at: number | undefined
    let name: string | undefined
    let error: AndonError | undefined
    try {
      using lease = await this.scheduler.acquire(order, this.call(budgetMs))
      at = this.clock.elapsed
      name = lease.endpoint.name
      await serve(lease, order)
    } catch (reason) {
      error = AndonError.from(reason)
    }
    const now = this.clock.elapsed
    const fate = { endpoint: name, order, cameAt, waitedMs: (at ?? now) - cameAt, tookMs: now - cameAt, error }
    this.fates.push(fate)
    return fate
  }

  /** Serves whole answers: nothing is heard until the end. */
  whole(mean: number, slow: Readonly<Record<string, number>> = {}): (lease: Lease) => Promise<void> {
    return async (lease) => {
      await this.sleep(logNormal(this.random, mean, 0.5) * (slow[lease.endpoint.name] ?? 1))
      lease.begun()
      lease.end({ kind: 'done' })
    }
  }
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
