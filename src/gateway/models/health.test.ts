// Whether a gateway of several processes should be given work, whichever of them is asked, and however few answer.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openTestGateway } from '../../../test/router/gateway.ts'
import { openTestRouter } from '../../../test/router/wire-router.ts'
import type { Line } from '../processes/line.ts'
import type { Readiness, Seen, What } from '../processes/messages.ts'

/** The line of the first of three processes; `shown` is what those that answer say. */
function lineOf(shown: () => readonly Readiness[]): Line {
  return {
    processes: 3,
    stopped: new Promise(() => {}),
    listening() {},
    shows() {},
    of: () => ({ add() {} }),
    async look<Which extends What>() {
      const all = shown().map((status, at) => ({ process: at + 1, shown: { status } }))
      return { shown: all, silent: [], before: [] } as unknown as Seen<Which>
    },
  }
}

it('A gateway is ready while any of its processes is, and says how many are', async () => {
  await using router = openTestRouter([{ name: 'one', url: 'http://127.0.0.1:9/v1' }])
  let statuses: Readiness[] = ['ready', 'ready', 'ready']
  let breaker: 'closed' | 'open' = 'closed'
  const state = (): ReturnType<typeof router.state> => {
    const now = router.state()
    return { ...now, endpoints: now.endpoints.map((each) => ({ ...each, breaker })) }
  }
  const line = lineOf(() => statuses)
  await using door = await openTestGateway({ ...router, state }, { line })
  const told = async (): Promise<[number, unknown]> => {
    const response = await fetch(`${door.gateway.url}/health/ready`)
    return [response.status, await response.json()]
  }
  assert.deepEqual(await told(), [200, { status: 'ready', ready: true, workers: { ready: 3, all: 3 } }])
  // It has no endpoint itself, and another has.
  breaker = 'open'
  statuses = ['not ready', 'ready']
  assert.deepEqual(await told(), [200, { status: 'ready', ready: true, workers: { ready: 1, all: 3 } }])
  statuses = ['not ready', 'late', 'not ready']
  assert.deepEqual(await told(), [503, { status: 'not ready', ready: false, workers: { ready: 0, all: 3 } }])
})
