// The router that the options describe: their endpoints, what is found in the DNS, the chain of models, budgets and how a
// request finds its place.

import type { OpenPermits } from './concurrency/permits.ts'
import type { Options } from './options.ts'
import type { ModelEndpoint } from './router/endpoint.ts'
import { ConcurrentRouter } from './router/router.ts'
import type { RouterOptions } from './router/router-options.ts'
import type { Budget, Budgets, SpendingStore } from './router/spending.ts'

/** The endpoint of `models.baseUrl`. */
const main = 'main'

export interface ConfiguredRouterOptions {
  /** How orders at an endpoint are counted, when processes share them. Default: in this process. */
  permits?: OpenPermits
  /** Where it is kept what was spent, when processes share the budgets. Default: in this process. */
  spending?: SpendingStore
}

/** Whether the options name any endpoint for a router. */
export function namesEndpoints({ baseUrl, endpoints, discover }: Options['models']): boolean {
  return baseUrl !== undefined || endpoints.length > 0 || discover.length > 0
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
  const { endpoints, discover, fallback, budgets, routing } = models
  const { strategy, queue, ageMs, attempts, retryShare, hedgeMs, region, penalties } = routing
  return {
    endpoints: [...mainEndpoint(models), ...endpoints.map(written)],
    settingNames: { [main]: { address: 'OPENAI_BASE_URL', key: 'OPENAI_API_KEY', model: 'ANDON_MODEL' } },
    discover: discover.map(({ endpoint, records, everyMs }) => ({
      endpoint: written(endpoint),
      ...(records === undefined ? {} : { records }),
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

/**
 * The server of `models.baseUrl`, that a person has: it takes any name when none is given, as much at once as the door
 * lets in, and its own time for the first word.
 */
function mainEndpoint({ baseUrl, protocol, model, apiKey }: Options['models']): ModelEndpoint[] {
  if (baseUrl === undefined) return []
  const endpoint: ModelEndpoint = {
    name: main,
    url: baseUrl,
    protocol,
    can: ['chat', 'completions', 'embeddings', 'rerank'],
    maxConcurrent: 100_000,
    adaptive: false,
    ...(model === undefined ? {} : { model }),
    ...(apiKey === undefined ? {} : { apiKey }),
  }
  return [endpoint]
}

/** What has every default is also what may be written; an option that is left out is not there. */
function written(endpoint: Options['models']['endpoints'][number]): ModelEndpoint {
  return endpoint
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
