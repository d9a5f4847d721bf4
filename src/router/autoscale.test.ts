// What is told to an autoscaler, against what one would say who knows the future.

import { deepEqual, equal, ok } from 'node:assert/strict'
import test from 'node:test'
import { chat, endpoint, failure, World } from './simulation.ts'
import type { Signal } from './autoscale.ts'
import type { SchedulerOptions } from './scheduler.ts'

const replicas = (count: number) =>
  Array.from({ length: count }, (_, n) => endpoint(`e${n}`, { model: 'm', maxConcurrent: 16, adaptive: false }))

const signalOf = (world: World): Signal | undefined => world.scheduler.signals().find(({ model }) => model === 'm')

test('the desired number of endpoints follows a ramp of demand, within one of what an oracle says', async () => {
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

/** Two and a half minutes with half a minute of outage: orders fail at once, and who waits gives up after 2 s. */
async function outage(options: SchedulerOptions) {
  const world = new World(replicas(4), { seed: 12, ...options })
  const isOut = () => world.clock.elapsed >= 60_000 && world.clock.elapsed < 90_000
  const serve = world.whole(500)
  world.poisson(
    70,
    0,
    150_000,
    () => ({ order: chat({ model: 'm' }), budgetMs: 2_000 }),
    async (lease) => {
      if (isOut()) lease.end({ kind: 'failed', failure: failure('refused') })
      else await serve(lease)
    },
  )
  const told: { at: number; signal: Signal }[] = []
  for (let at = 15_000; at < 150_000; at += 5_000)
    world.at(at, () => {
      const signal = signalOf(world)
      if (signal !== undefined) told.push({ at, signal })
    })
  await world.clock.run(150_000)
  const of = (from: number, to: number): Signal[] =>
    told.filter(({ at }) => at >= from && at < to).map(({ signal }) => signal)
  // Thirty-five at once, of which an endpoint is to have twelve.
  for (const { desired_replicas } of [...of(45_000, 60_000), ...of(130_000, 150_000)])
    ok(Math.abs(desired_replicas - 3) <= 1, `${desired_replicas}`)
  return of(65_000, 90_000)
}

test('in an outage in which all orders fail at once, no fewer endpoints are desired than there are', async () => {
  for (const { replicas, desired_replicas } of await outage({ onProbeWanted: () => {} }))
    deepEqual([replicas, desired_replicas], [0, 4])
})

test('in an outage in which orders wait, an endpoint has as many places as before, and waits in vain count', async () => {
  const told = await outage({ panic: 1 })
  for (const { desired_replicas, queued, utilization, queue_seconds_p95 } of told) {
    // About 140 wait at a time.
    ok(desired_replicas >= 4 && desired_replicas <= 14, `${desired_replicas}`)
    ok(queued > 90 && queued < 190, `${queued}`)
    equal(utilization, 1)
    ok(queue_seconds_p95 > 1.5 && queue_seconds_p95 <= 2, `${queue_seconds_p95}`)
  }
  equal(told.length, 5)
})

test('a hundred in line of two endpoints that are shut: nine would do, and how long they wait is seen', async () => {
  const world = new World(replicas(2), { panic: 1, onProbeWanted: () => {} })
  for (const name of ['e0', 'e1']) for (let each = 0; each < 3; each++) world.scheduler.endpoint(name)?.probed(false)
  for (let each = 0; each < 100; each++)
    world.scheduler.acquire(chat({ model: 'm' }), world.call(120_000)).catch(() => {})
  await world.clock.run(3_000)
  const begun = signalOf(world)
  // An average over a quarter minute is not there yet.
  deepEqual([begun?.queued, begun?.replicas, begun?.limit, begun?.utilization], [100, 0, 0, 1])
  deepEqual([begun?.queue_seconds_p95, begun?.desired_replicas], [3, 2])
  await world.clock.run(119_000)
  const later = signalOf(world)
  deepEqual([later?.queue_seconds_p95, later?.desired_replicas], [119, 9])
  // They have given up.
  await world.clock.run(150_000)
  const after = signalOf(world)
  deepEqual([after?.queued, after?.utilization, after?.queue_seconds_p95], [0, 0, 120])
  await world.clock.run(600_000)
  const quiet = signalOf(world)
  deepEqual([quiet?.queue_seconds_p95, quiet?.desired_replicas], [0, 1])
})

test('a signal is plain numbers: in line, under way, places, seconds in line', async () => {
  const world = new World([endpoint('a', { model: 'm', maxConcurrent: 2, adaptive: false })])
  const leases = [await world.scheduler.acquire(chat({ model: 'm' }), world.call())]
  leases.push(await world.scheduler.acquire(chat({ model: 'm' }), world.call()))
  const waiting = world.scheduler.acquire(chat({ model: 'm' }), world.call())
  await world.clock.run(4_000)
  const busy = signalOf(world)
  deepEqual([busy?.queued, busy?.in_flight, busy?.limit, busy?.utilization, busy?.replicas], [1, 2, 2, 1, 1])
  for (const lease of leases) lease.end({ kind: 'done' })
  ;(await waiting).end({ kind: 'done' })
  const idle = signalOf(world)
  deepEqual([idle?.queued, idle?.in_flight, idle?.queue_seconds_p95], [0, 0, 4])
  equal(JSON.stringify(idle), JSON.stringify(structuredClone(idle)))
})
