// What is told to an autoscaler, against what one would say who knows the future.

import { deepEqual, equal, ok } from 'node:assert/strict'
import test from 'node:test'
import { chat, endpoint, World } from './simulation.ts'

test('the desired number of endpoints follows a ramp of demand, within one of what an oracle says', async () => {
  const replicas = (count: number) =>
    Array.from({ length: count }, (_, n) => endpoint(`e${n}`, { model: 'm', maxConcurrent: 16, adaptive: false }))
  const world = new World(replicas(2), { seed: 11 })
  // From 10 to 100 orders a second and back, each of 500 ms on average.
  const rate = (ms: number): number => 10 + 90 * (1 - Math.abs(ms - 300_000) / 300_000)
  world.poisson(rate, 0, 600_000, () => ({ order: chat({ model: 'm' }) }), world.whole(500))
  const off: number[] = []
  for (let at = 15_000; at < 600_000; at += 15_000)
    world.at(at, () => {
      const desired = world.scheduler.signals().find(({ model }) => model === 'm')?.desired_replicas ?? 0
      // Little's law, at three quarters of the places.
      off.push(desired - Math.max(1, Math.ceil((rate(at) * 0.5) / (16 * 0.75))))
      world.scheduler.update(replicas(desired))
    })
  await world.clock.run()
  equal(off.length, 39)
  ok(
    off.every((by) => Math.abs(by) <= 1),
    off.join(' '),
  )
  deepEqual(
    world.fates.filter(({ error }) => error),
    [],
  )
})

test('a signal is plain numbers: in line, under way, places, seconds in line', async () => {
  const world = new World([endpoint('a', { model: 'm', maxConcurrent: 2, adaptive: false })])
  const leases = [await world.scheduler.acquire(chat({ model: 'm' }), world.call())]
  leases.push(await world.scheduler.acquire(chat({ model: 'm' }), world.call()))
  const waiting = world.scheduler.acquire(chat({ model: 'm' }), world.call())
  await world.clock.run(4_000)
  const find = () => world.scheduler.signals().find(({ model }) => model === 'm')
  const busy = find()
  deepEqual([busy?.queued, busy?.in_flight, busy?.limit, busy?.utilization, busy?.replicas], [1, 2, 2, 1, 1])
  for (const lease of leases) lease.end({ kind: 'done' })
  ;(await waiting).end({ kind: 'done' })
  const idle = find()
  deepEqual([idle?.queued, idle?.in_flight, idle?.queue_seconds_p95], [0, 0, 4])
  equal(JSON.stringify(idle), JSON.stringify(structuredClone(idle)))
})
