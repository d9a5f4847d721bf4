// Two questions that an orchestrator asks: is the process alive, and should it be given work.

import { AndonError } from '../core/errors.ts'
import type { App, Door } from './door.ts'
import { noteFailure } from './failed-answers.ts'
import { passedOn } from './identity/credentials.ts'

/**
 * Adds GET /health/live (the loop turns) and GET /health/ready (503 while starting, draining, late for seconds, or
 * without a part that is needed). Only who asks from this machine hears more than that.
 */
export function addHealth(app: App, door: Door): void {
  const config = { scope: 'open' } as const
  const tags = ['Operations']
  const live = { tags, summary: 'Whether the process is alive' }
  app.get('/health/live', { schema: live, config }, async () => ({ status: 'alive' }))
  const readiness = { tags, summary: 'Whether it should be given work' }
  app.get('/health/ready', { schema: readiness, config }, async (request, reply) => {
    const health = await door.health.read()
    const status = statusOf(door, health.ready)
    void reply.header('cache-control', 'no-store').status(status === 'ready' ? 200 : 503)
    const ready = status === 'ready'
    if (!ready) noteFailure(reply.raw, new AndonError('unavailable', `The server is ${status}.`))
    return door.local && !passedOn(request) ? { status, ...health, ready } : { status, ready }
  })
}

function statusOf(door: Door, well: boolean): 'draining' | 'starting' | 'late' | 'not ready' | 'ready' {
  if (door.draining()) return 'draining'
  if (door.starting()) return 'starting'
  if (door.late()) return 'late'
  return well ? 'ready' : 'not ready'
}
