// What of a configuration that is read again a gateway takes while it runs, and what takes a start.

import { endpointsOf, namesEndpoints } from '../configured-endpoints.ts'
import { AndonError } from '../core/errors.ts'
import type { Options } from '../options.ts'
import type { ModelEndpoint } from '../router/endpoint.ts'

const atStart = new Set([
  'host',
  'port',
  'tenant',
  'logLevel',
  'origins',
  'auth',
  'limits',
  'models.discover',
  'models.fallback',
  'models.budgets',
  'models.routing',
])

/** Whether a gateway uses this option and takes it at its start only. */
export function gatewayNeedsRestart(option: string): boolean {
  return atStart.has(option)
}

/** The endpoints that are written down, for a gateway, which needs some: there or in the DNS. */
export function endpointsOfGateway(models: Options['models']): ModelEndpoint[] {
  if (namesEndpoints(models)) return endpointsOf(models)
  throw new AndonError(
    'invalid',
    'There is no endpoint to pass anything on to. Name some in models.endpoints of the configuration: { "name": "a", "url": "http://127.0.0.1:8000" }.',
  )
}
