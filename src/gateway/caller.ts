// Who asks, as the factory knows it: the tenant of the principal, the signal of the visit and the trace.

import type { FastifyRequest } from 'fastify'
import type { Caller } from '../core/factory.ts'
import type { Visits } from './visits.ts'

/** The caller of a request. */
export function callerOf(request: FastifyRequest, visits: Visits): Caller {
  const { tenant, keyId: id, name } = request.principal
  const key = id === undefined ? {} : { key: { id, name } }
  return { tenant, ...key, signal: visits.signalOf(request), trace: request.trace }
}
