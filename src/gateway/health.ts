// Two questions that an orchestrator asks: is the process alive, and should it be given work.

import type { App, Door } from './door.ts'

/** Adds GET /health/live (the loop turns) and GET /health/ready (503 while draining or while a needed part is missing). */
export function addHealth(app: App, door: Door): void {
  const config = { scope: 'open' } as const
  const tags = ['Operations']
  app.get('/health/live', { schema: { tags, summary: 'Whether the process is alive' }, config }, async () => ({ status: 'alive' }))
  app.get('/health/ready', { schema: { tags, summary: 'Whether it should be given work' }, config }, async (_request, reply) => {
    const health = await door.factory.health()
    const ready = health.ready && !door.draining()
    void reply.header('cache-control', 'no-store').status(ready ? 200 : 503)
    return { status: ready ? 'ready' : door.draining() ? 'draining' : 'not ready', ...health, ready }
  })
}
