// Whether a gateway for models is alive, and whether it should be given work: as a whole, whichever of its processes is asked.

import { AndonError } from '../../core/errors.ts'
import type { App } from '../door.ts'
import { noteFailure } from '../failed-answers.ts'
import type { Line } from '../processes/line.ts'
import type { Readiness } from '../processes/messages.ts'
import type { ModelRouter } from './router.ts'

interface Ready {
  readonly status: Readiness
  readonly ready: boolean
  /** Of several processes. */
  readonly workers?: { readonly ready: number; readonly all: number }
}

/**
 * Adds GET /health/live (the loop of this process turns) and GET /health/ready: ready while any process takes requests and
 * has an endpoint that does. `trouble` says why this process takes none.
 */
export function addModelHealth(
  app: App,
  router: ModelRouter,
  trouble: () => Exclude<Readiness, 'ready'> | undefined,
  line?: Line,
): void {
  const config = { scope: 'open' } as const
  const live = { tags: ['Operations'], summary: 'Whether the process is alive' }
  app.get('/health/live', { schema: live, config }, async () => ({ status: 'alive' }))

  const own = (): Readiness => {
    const isUp = router.state().endpoints.some(({ breaker }) => breaker !== 'open')
    return trouble() ?? (isUp ? 'ready' : 'not ready')
  }
  line?.shows('readiness', () => ({ status: own() }))
  let look: Promise<Ready> | undefined
  const whole = (): Promise<Ready> | Ready => {
    const status = own()
    // All of them end together.
    if (line === undefined || status === 'draining') return { status, ready: status === 'ready' }
    // Anybody may ask, as often as they like: those who come meanwhile look with the first.
    return (look ??= together(line, own).finally(() => (look = undefined)))
  }
  const readiness = { tags: ['Operations'], summary: 'Whether it should be given work' }
  app.get('/health/ready', { schema: readiness, config }, async (_request, reply) => {
    const health = await whole()
    if (!health.ready) noteFailure(reply.raw, new AndonError('unavailable', `The gateway is ${health.status}.`))
    return reply.status(health.ready ? 200 : 503).send(health)
  })
}

/** How many are ready of how many there are to be. When none is, the one that was asked says why. */
async function together(line: Line, own: () => Readiness): Promise<Ready> {
  const { shown } = await line.look('readiness')
  const ready = shown.filter((each) => each.shown.status === 'ready').length
  const status = ready > 0 ? 'ready' : own()
  return { status, ready: status === 'ready', workers: { ready, all: line.processes } }
}
