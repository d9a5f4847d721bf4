// Several routers with the same endpoints: what is told of all of them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signalsOf, type Signal } from './autoscale.ts'
import { chat, endpoint, failure, World } from './simulation.ts'
import { stateTogether } from './together.ts'

const worldsOf = (names: string[]): World[] =>
  [1, 2, 3].map(
    (seed) =>
      new World(
        names.map((name) => endpoint(name, { model: 'm', maxConcurrent: 4, adaptive: false })),
        { seed },
      ),
  )

const chats = (signals: Signal[]): Signal[] =>
  signals.filter(({ ability, model }) => ability === 'chat' && model === 'm')

test('what is asked of several adds up, and how many endpoints would do is reckoned once', async () => {
  const worlds = worldsOf(['a'])
  for (const world of worlds) {
    for (let each = 0; each < 4; each++) await world.scheduler.acquire(chat({ model: 'm' }), world.call())
    await world.clock.run(60_000)
  }
  for (const world of worlds)
    assert.partialDeepStrictEqual(chats(world.scheduler.signals()), [{ in_flight: 4, desired_replicas: 2 }])
  const together = chats(signalsOf(worlds.flatMap((world) => world.scheduler.demands())))
  // Twelve at once, where three at an endpoint are aimed at: not three times two.
  assert.partialDeepStrictEqual(together, [{ in_flight: 12, limit: 4, replicas: 1, desired_replicas: 4 }])
})

test('an endpoint is as bad as anybody found it, and counts for an autoscaler while half of them use it', async () => {
  const worlds = worldsOf(['a', 'b'])
  const fail = async (world: World): Promise<void> => {
    for (let each = 0; each < 3; each++) {
      const lease = await world.scheduler.acquire(chat({ model: 'm' }), world.call(), new Set(['b']))
      lease.end({ kind: 'failed', failure: failure('refused') })
    }
  }
  const look = () => ({
    state: stateTogether(worlds.map(({ scheduler }) => scheduler.state())),
    signal: chats(signalsOf(worlds.flatMap(({ scheduler }) => scheduler.demands())))[0],
  })
  const [first, second] = worlds
  assert.ok(first && second)
  await fail(first)
  const one = look()
  assert.partialDeepStrictEqual(one.state.endpoints[0], { name: 'a', breaker: 'open', counts: { failed: 3 } })
  assert.deepEqual(one.state.endpoints[0]?.breakers, ['open', 'closed', 'closed'])
  assert.equal(one.signal?.replicas, 2)
  await fail(second)
  const { state, signal } = look()
  assert.equal(signal?.replicas, 1)
  assert.deepEqual(
    state.endpoints.map(({ name, breaker, share, counts: { placed } }) => ({ name, breaker, share, placed })),
    [
      { name: 'a', breaker: 'open', share: 1, placed: 6 },
      { name: 'b', breaker: 'closed', share: 0, placed: 0 },
    ],
  )
  assert.equal('breakers' in (state.endpoints[1] ?? {}), false)
})
