// Who asks, as the factory knows it: the tenant of the principal, the signal of the visit and the trace.

import type { FastifyRequest } from 'fastify'
import type { Caller } from '../core/factory.ts'
import type { Visits } from './visits.ts'

/** The caller of a request. A traceparent that is not one (W3C, version 00) is left out. */
export function callerOf(request: FastifyRequest, visits: Visits): Caller {
  const trace = request.headers['traceparent']
  const holds = typeof trace === 'string' && /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(trace)
  return { tenant: request.principal.tenant, signal: visits.signalOf(request), ...(holds ? { trace } : {}) }
}
