// Gate 7, in virtual time: urgent requests come twice as fast as they can be answered, for a minute, and now and then one
// of the low class. It must have its turn all the same: after the ageing time one place of four is for whoever waits longest.

import { atLeast, atMost, percentile, round } from '../../harness.ts'
import type { Lease, Order } from '../../../src/router/order.ts'
import { chat, endpoint, World } from '../../../src/router/simulation.ts'
import type { Scenario } from '../stage.ts'

const names = ['a', 'b', 'c', 'd']
const places = 4
const meanMs = 100
/** Places that become free in a second. */
const perSecond = (names.length * places * 1_000) / meanMs
const low = 2
/** One place of sixteen: the aged do not have to wait for one another. */
const lowEveryMs = 100
const ageMs = 5_000
/** The aged one gets one place of four. */
const mostPassed = 3

export const ageing: Scenario = async (stage) => {
  const rows = []
  for (const seed of [1, 2, 3])
    rows.push({ scenario: 'ageing', simulated: true, seed, ...(await crowd(seed, stage.many(60))) })
  return {
    rows,
    gates: [
      atMost(
        '7 low class after the ageing time: places that others got first, most, simulated',
        Math.max(...rows.map(({ passed }) => passed)),
        mostPassed,
      ),
      atLeast('7 low class: share that is served, simulated', Math.min(...rows.map(({ served }) => served)), 1),
      atLeast(
        '7 low class: share that waited for the ageing time, simulated',
        Math.min(...rows.map(({ aged }) => aged)),
        0.5,
      ),
    ],
  }
}

async function crowd(seed: number, seconds: number) {
  const world = new World(
    names.map((name) => endpoint(name, { maxConcurrent: places, adaptive: false })),
    { seed, ageMs },
  )
  const serve = world.whole(meanMs)
  /** Who got a place and when, in that order. */
  const placed: { order: Order; at: number }[] = []
  const noted = (lease: Lease, order: Order): Promise<void> => {
    placed.push({ order, at: world.clock.elapsed })
    return serve(lease)
  }
  const endMs = seconds * 1_000
  const urgent = { order: chat({ priority: 0 }), budgetMs: 1_500 }
  world.poisson(2 * perSecond, 0, endMs, () => urgent, noted)
  let sent = 0
  for (let at = 0; at < endMs - 2 * ageMs; at += lowEveryMs) {
    sent++
    world.at(at, () => void world.send(chat({ priority: low }), noted))
  }
  await world.clock.run()
  const fates = world.fates.filter(({ order, endpoint: by }) => order.priority === low && by !== undefined)
  const passed = fates.map(({ order, cameAt }) => {
    const own = placed.findIndex((one) => one.order === order)
    return placed.slice(0, own).filter(({ at }) => at >= cameAt + ageMs).length
  })
  const waits = fates.map(({ waitedMs }) => waitedMs)
  return {
    requests: sent,
    served: fates.length / sent,
    aged: waits.filter((ms) => ms >= ageMs).length / waits.length,
    passed: Math.max(...passed),
    waitP50: round(percentile(waits, 0.5)),
    waitMax: round(Math.max(...waits)),
  }
}
