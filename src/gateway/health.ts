// Two questions that an orchestrator asks: is the process alive, and should it be given work.

import type { FastifyInstance } from 'fastify'
import { callerOf } from './caller.ts'
import type { Route } from './ask.ts'

/** Adds GET /health/live (the loop turns) and GET /health/ready (503 while draining or while a needed part is missing). */
export function addHealth(app: FastifyInstance, route: Route & { draining(): boolean }): void {
  app.get('/health/live', async () => ({ status: 'alive' }))
  app.get('/health/ready', async (request, reply) => {
    const health = await route.factory.health(callerOf(request, route))
    const ready = health.ready && !route.draining()
    void reply.header('cache-control', 'no-store').status(ready ? 200 : 503)
    return { status: ready ? 'ready' : route.draining() ? 'draining' : 'not ready', ...health, ready }
  })
}
