// The router that the options describe: their endpoints, what is found in the DNS, the chain of models, budgets and how a
// request finds its place.

import type { OpenPermits } from './concurrency/permits.ts'
import { endpointsOf, mainEndpoint } from './configured-endpoints.ts'
import type { Options } from './options.ts'
import { ConcurrentRouter } from './router/router.ts'
import type { RouterOptions } from './router/router-options.ts'
import type { Budget, Budgets, SpendingStore } from './router/spending.ts'

export interface ConfiguredRouterOptions {
  /** How orders at an endpoint are counted, when processes share them. Default: in this process. */
  permits?: OpenPermits
  /** Where it is kept what was spent, when processes share the budgets. Default: in this process. */
  spending?: SpendingStore
}

/** Opens it. Nothing is contacted yet. */
export function openConfiguredRouter(
  models: Options['models'],
  { permits, spending }: ConfiguredRouterOptions = {},
): ConcurrentRouter {
  const options = routerOptionsOf(models, permits)
  return new ConcurrentRouter(spending === undefined ? options : { ...options, spendingStore: spending })
}

/** The options of the house as the router takes them. */
export function routerOptionsOf(models: Options['models'], permits?: OpenPermits): RouterOptions {
  const { discover, fallback, budgets, routing } = models
  const { strategy, queue, ageMs, attempts, retryShare, hedgeMs, region, penalties } = routing
  return {
    endpoints: endpointsOf(models),
    settingNames: { [mainEndpoint]: { address: 'OPENAI_BASE_URL', key: 'OPENAI_API_KEY', model: 'ANDON_MODEL' } },
    discover: discover.map(({ endpoint, records, family, everyMs }) => ({
      endpoint,
      ...(records === undefined ? {} : { records }),
      ...(family === undefined ? {} : { family }),
      ...(everyMs === undefined ? {} : { everyMs }),
    })),
    fallback,
    attempts,
    retries: { share: retryShare },
    ...(hedgeMs === undefined ? {} : { hedge: { after: hedgeMs } }),
    ...(region === undefined ? {} : { region }),
    ...(budgets.length === 0 ? {} : { budgets: budgetsOf(budgets) }),
    scheduling: {
      queue,
      ageMs,
      penalties,
      ...(strategy === undefined ? {} : { strategy }),
      ...(permits === undefined ? {} : { permits }),
    },
  }
}

function budgetsOf(listed: Options['models']['budgets']): Budgets {
  const keys: Record<string, Budget> = {}
  const tenants: Record<string, Budget> = {}
  const each: { key?: Budget; tenant?: Budget } = {}
  for (const { of, name, ...budget } of listed) {
    if (name === undefined) each[of] = budget
    else (of === 'key' ? keys : tenants)[name] = budget
  }
  return {
    keys,
    tenants,
    ...(each.key === undefined ? {} : { eachKey: each.key }),
    ...(each.tenant === undefined ? {} : { eachTenant: each.tenant }),
  }
}
