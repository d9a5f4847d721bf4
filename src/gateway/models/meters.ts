// What is counted of endpoints, in Prometheus' terms: what happened is heard on the channel, what is, is looked at when
// somebody asks. Labels are names of endpoints and models from the configuration, and never what a caller wrote.

import { Counter, Gauge, type Aggregator, type Registry } from 'prom-client'
import { PendingCounts } from '../../observe/pending-counts.ts'
import { Times } from '../../observe/times.ts'
import { signalsOf, type DemandView } from '../../router/autoscale.ts'
import { passedChannel } from '../../router/wire/channel.ts'
import type { ModelRouter } from './router.ts'

/** First tokens, in seconds: from a cache to a long prompt in a long queue. */
const seconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** How far an endpoint is from being used. */
const breakers = new Map([
  ['closed', 0],
  ['half-open', 1],
])

export interface ModelMeters extends Disposable {
  /** Reads what is now; before the registry is written. */
  look(): void
}

/** Adds the instruments of a router to a registry. Disposing it stops them hearing. */
export function addModelMeters(registry: Registry, router: ModelRouter): ModelMeters {
  const registers = [registry]
  const gauge = <Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    aggregator: Aggregator = 'sum',
  ): Gauge<Label> => new Gauge({ name: `andon_${name}`, help, labelNames, registers, aggregator })
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> =>
    new Counter({ name: `andon_${name}`, help, labelNames, registers })
  const inFlight = gauge('endpoint_in_flight', 'Requests that an endpoint has from here', ['endpoint'])
  const waits = gauge('endpoint_waiting', 'Requests in line that it could take', ['endpoint'])
  const limit = gauge('endpoint_limit', 'Most that it may have now', ['endpoint'], 'min')
  const breaker = gauge('endpoint_breaker', 'Whether it is used: 0 yes, 1 a probe only, 2 no', ['endpoint'], 'max')
  const waiting = gauge('router_waiting', 'Requests that wait for an endpoint', [])
  const tellDemands = addDemandMeters(registry)
  const attempts = new PendingCounts(
    counter('endpoint_attempts_total', 'Attempts, by how they ended', ['endpoint', 'outcome']),
    ['endpoint', 'outcome'],
  )
  const tokens = new PendingCounts(
    counter('endpoint_tokens_total', 'Tokens, as counted or estimated', ['endpoint', 'kind']),
    ['endpoint', 'kind'],
  )
  const firstToken = new Times({
    name: 'andon_endpoint_first_token_seconds',
    help: 'From a request to the first content of its answer, queue and attempts included',
    labelNames: ['endpoint'],
    buckets: seconds,
    registers,
  })
  const stop = passedChannel.subscribe((ended) => {
    for (const { endpoint, outcome } of ended.attempts) attempts.add(endpoint, outcome)
    const { endpoint } = ended
    if (endpoint === undefined) return
    if (ended.firstTokenMs !== undefined) firstToken.add(endpoint, ended.firstTokenMs / 1000)
    tokens.add(endpoint, 'prompt', ended.promptTokens)
    if (ended.cachedTokens !== undefined) tokens.add(endpoint, 'cached', ended.cachedTokens)
    tokens.add(endpoint, 'completion', ended.outputTokens)
  })
  return {
    look() {
      attempts.tell()
      tokens.tell()
      const state = router.state()
      waiting.set(state.waiting)
      // Those that are gone have nothing any more.
      for (const gauge of [inFlight, waits, limit, breaker]) gauge.reset()
      for (const each of state.endpoints) {
        inFlight.set({ endpoint: each.name }, each.inFlight)
        limit.set({ endpoint: each.name }, each.limit)
        waits.set({ endpoint: each.name }, each.waiting)
        breaker.set({ endpoint: each.name }, breakers.get(each.breaker) ?? 2)
      }
      tellDemands(router.demands())
    },
    [Symbol.dispose]: stop,
  }
}

/**
 * Adds what an autoscaler wants to know of each model, whatever is asked of it; returns how to tell it. Of several
 * processes it is reckoned anew, from what is asked of all.
 */
export function addDemandMeters(registry: Registry): (demands: readonly DemandView[]) => void {
  const gauge = (name: string, help: string): Gauge<'model'> =>
    new Gauge({ name: `andon_${name}`, help, labelNames: ['model'], registers: [registry], aggregator: 'omit' })
  const desired = gauge('desired_replicas', 'How many endpoints of its kind a model needs')
  const queue = gauge('queue_seconds', 'What nineteen in twenty requests for a model waited less than')
  return (demands) => {
    desired.reset()
    queue.reset()
    for (const signal of signalsOf(demands, ({ model }) => model)) {
      desired.set({ model: signal.model }, signal.desired_replicas)
      queue.set({ model: signal.model }, signal.queue_seconds_p95)
    }
  }
}
