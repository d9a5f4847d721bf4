// A small router for tests of the pass-through: the real placing over a scheduler that goes round its endpoints, with the
// connections of each, and everything it was told.

import { Pool } from 'undici'
import { AndonError } from '../../src/core/errors.ts'
import type { ModelRouter } from '../../src/gateway/models/router.ts'
import type { ChatModel } from '../../src/models/model.ts'
import { endpointSchema, settingNamesOf, type EndpointSettings, type ModelEndpoint } from '../../src/router/endpoint.ts'
import type { Lease, Order, Outcome, Scheduler } from '../../src/router/order.ts'
import { Placing } from '../../src/router/placing.ts'
import { passedChannel } from '../../src/router/wire/channel.ts'
import type { Ended, Upstream } from '../../src/router/wire/upstream.ts'

export interface TestRouter extends ModelRouter, AsyncDisposable {
  readonly orders: Order[]
  readonly outcomes: { endpoint: string; outcome: Outcome }[]
  readonly records: Ended[]
  /** Leases that have not ended. */
  readonly open: Set<string>
}

/** Opens it; `models` speak for endpoints of other protocols, by their names. */
export function openTestRouter(given: ModelEndpoint[], models: Record<string, ChatModel> = {}): TestRouter {
  const endpoints = given.map((each) => endpointSchema.parse(each))
  const pools = new Map<string, Upstream>()
  for (const { name, url, apiKey } of endpoints) {
    if (name in models) continue
    const pool = new Pool(new URL(url).origin, { connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })
    const headers = apiKey === undefined ? [] : ['authorization', `Bearer ${apiKey}`]
    const secrets = apiKey === undefined ? [] : [apiKey]
    const settings = settingNamesOf({ name })
    pools.set(name, {
      pool,
      who: `The model server "${name}"`,
      settings,
      pathTo: (path) => `/v1${path}`,
      headers,
      secrets,
    })
  }
  const orders: Order[] = []
  const outcomes: TestRouter['outcomes'] = []
  const records: Ended[] = []
  const open = new Set<string>()
  let turn = 0
  let count = 0
  const lease = (endpoint: EndpointSettings, order: Order): Lease => {
    const id = `${endpoint.name} ${count++}`
    open.add(id)
    const end = (outcome: Outcome): void => {
      if (open.delete(id)) outcomes.push({ endpoint: endpoint.name, outcome })
    }
    return {
      endpoint,
      model: endpoint.model ?? order.model,
      firstTokenMs: endpoint.firstTokenMs ?? 60_000,
      begun() {},
      progress() {},
      pause() {},
      resume() {},
      end,
      [Symbol.dispose]: () => end({ kind: 'cancelled' }),
    }
  }
  const scheduler: Scheduler = {
    async acquire(order, _call, tried) {
      orders.push(order)
      const fit = endpoints.filter(({ can }) => can.includes(order.ability))
      const fresh = fit.filter(({ name }) => !tried?.has(name))
      const pick = (fresh.length > 0 ? fresh : fit)[turn++ % (fresh.length || fit.length)]
      if (!pick) throw new AndonError('unavailable', 'No endpoint serves this.')
      return lease(pick, order)
    },
    tryAcquire: () => undefined,
  }
  const placing = new Placing({ scheduler })
  return {
    orders,
    outcomes,
    records,
    open,
    wire: {
      serves: (ability, model) =>
        endpoints.some(({ can, serves, model: own }) => {
          const names = serves ?? (own === undefined ? undefined : [own])
          return can.includes(ability) && (names?.includes(model) ?? true)
        }),
      chain: (_ability, model) => [model],
      budgetMs: 600_000,
      place: (...asked) => placing.place(...asked),
      upstream: ({ name }) => pools.get(name),
      chatModel: ({ name }) => models[name],
      ended: (ended) => {
        records.push(ended)
        passedChannel.announce(() => ended)
      },
    },
    models: () => endpoints.flatMap(({ serves, model }) => serves ?? model ?? []).map((id) => ({ id })),
    state: () => ({
      waiting: 0,
      inFlight: open.size,
      endpoints: endpoints.map(({ name, maxConcurrent }) => {
        const inFlight = [...open].filter((id) => id.startsWith(`${name} `)).length
        return {
          name,
          tier: 0,
          inFlight,
          inFlightOfAll: inFlight,
          waiting: 0,
          limit: maxConcurrent,
          maxConcurrent,
          breaker: 'closed',
          coolingMs: 0,
          firstTokenLimitMs: 20_000,
          counts: { placed: 0, done: 0, cancelled: 0, failed: 0, busy: 0 },
          share: 0,
        }
      }),
    }),
    demands: () => [
      {
        ability: 'chat',
        model: 'm',
        queued: 0,
        in_flight: 0,
        level: 0,
        queue_seconds_p95: 0,
        use: 0.75,
        endpoints: endpoints.map(({ name, maxConcurrent }) => ({ name, places: maxConcurrent, used: true })),
      },
    ],
    async [Symbol.asyncDispose]() {
      await Promise.all([...pools.values()].map(({ pool }) => pool.destroy()))
    },
  }
}
