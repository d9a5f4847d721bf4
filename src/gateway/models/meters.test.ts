// What the metrics page tells of endpoints and models after they have changed.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openTestGateway } from '../../../test/router/gateway.ts'
import { ConcurrentRouter } from '../../router/router.ts'

it('Endpoints and models that are gone have no gauges, and those that stay have theirs', async () => {
  const stays = { name: 'stays', url: 'http://127.0.0.1:9', model: 'is' }
  await using router = new ConcurrentRouter({ endpoints: [{ ...stays, name: 'old', model: 'was' }, stays] })
  await using door = await openTestGateway(router)
  const gauges = async (): Promise<string[]> => {
    const text = await (await fetch(`${door.gateway.url}/metrics`)).text()
    return (
      text.match(/^andon_(endpoint_(in_flight|waiting|limit|breaker)|desired_replicas|queue_seconds)\{.+\}/gm) ?? []
    )
  }
  const before = await gauges()
  const isGone = (each: string): boolean => /"(old|was)"/.test(each)
  assert.equal(before.filter(isGone).length, 6)
  router.update([stays])
  assert.deepEqual(
    await gauges(),
    before.filter((each) => !isGone(each)),
  )
})
