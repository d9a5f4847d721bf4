// The endpoints that the options write down: those of a list, and the server of `models.baseUrl`.

import type { Options } from './options.ts'
import type { ModelEndpoint } from './router/endpoint.ts'

/** The endpoint of `models.baseUrl`. */
export const mainEndpoint = 'main'

/** Whether the options name any endpoint for a router. */
export function namesEndpoints({ baseUrl, endpoints, discover }: Options['models']): boolean {
  return baseUrl !== undefined || endpoints.length > 0 || discover.length > 0
}

/** All that are written down, as the router takes them. What has every default is also what may be written. */
export function endpointsOf(models: Options['models']): ModelEndpoint[] {
  return [...ofBaseUrl(models), ...models.endpoints]
}

/**
 * The server that a person has: it takes any name when none is given, as much at once as the door lets in, and its own
 * time for the first word.
 */
function ofBaseUrl({ baseUrl, protocol, model, apiKey }: Options['models']): ModelEndpoint[] {
  if (baseUrl === undefined) return []
  const endpoint: ModelEndpoint = {
    name: mainEndpoint,
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
