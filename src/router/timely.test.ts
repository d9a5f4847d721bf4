// Orders whose time is nearly over give way to those that can still be answered; in simulated time.

import { deepEqual, equal, ok } from 'node:assert/strict'
import test from 'node:test'
import { AndonError } from '../core/errors.ts'
import type { Lease } from './order.ts'
import { chat, endpoint, logNormal, World } from './simulation.ts'

const four = ['a', 'b', 'c', 'd'].map((name) => endpoint(name, { maxConcurrent: 4, adaptive: false }))

test('at twice the load a third of the less urgent are answered in time, the others hear when to come back', async () => {
  const world = new World(four, { seed: 3 })
  const came = { urgent: 0, other: 0 }
  const answered = { urgent: 0, other: 0 }
  const errors: AndonError[] = []
  const one = async (kind: keyof typeof came): Promise<void> => {
    came[kind]++
    const order = chat({ priority: kind === 'urgent' ? 0 : 2, whole: true })
    const call = world.call(1_500)
    try {
      using lease = await world.scheduler.acquire(order, call)
      const takes = logNormal(world.random, 100, 0.5)
      const left = call.deadline - world.clock.now()
      // Who is answered too late is cut off at the deadline.
      await world.sleep(Math.min(takes, left))
      if (takes > left) return
      lease.begun()
      lease.end({ kind: 'done', outputTokens: 20 })
      answered[kind]++
    } catch (error) {
      errors.push(AndonError.from(error))
    }
  }
  for (let at = 0; at < 6_000; at += 3) world.at(at, () => void one(at % 15 === 0 ? 'urgent' : 'other'))
  await world.clock.run()
  equal(answered.urgent, came.urgent)
  ok(answered.other >= 0.33 * came.other, `${answered.other} of ${came.other} others were answered`)
  const honest = errors.filter(({ code, retryAfterMs = 0 }) => code === 'overloaded' && retryAfterMs >= 100)
  ok(honest.length >= 0.95 * errors.length, `${honest.length} of ${errors.length} were told when to come back`)
  deepEqual([world.scheduler.state().inFlight, world.scheduler.state().waiting], [0, 0])
})

/** One endpoint whose places are taken, where answers have taken 400 ms. */
async function busy(maxConcurrent = 1) {
  const world = new World([endpoint('a', { maxConcurrent, adaptive: false })])
  const serve = async (lease: Lease): Promise<void> => {
    await world.sleep(400)
    lease.begun()
    lease.end({ kind: 'done' })
  }
  for (let n = 0; n < 20; n++) world.at(n * 500, () => void world.send(chat({ whole: true }), serve))
  await world.clock.run(10_000)
  const holders: Lease[] = []
  for (let n = 0; n < maxConcurrent; n++)
    holders.push(await world.scheduler.acquire(chat({ whole: true }), world.call()))
  const said: string[] = []
  let count = 0
  const wait = (priority: number, budgetMs: number): void => {
    const name = `${count++}`
    world.scheduler.acquire(chat({ whole: true, priority }), world.call(budgetMs)).then(
      () => said.push(`${name} placed`),
      (error: AndonError) => said.push(`${name} ${error.code}`),
    )
  }
  const free = async (): Promise<void> => {
    holders.pop()?.end({ kind: 'done' })
    await world.clock.run(world.clock.elapsed)
  }
  return { world, free, wait, said }
}

test('whose answer would come too late gives its place to the next of its class, when the line is long', async () => {
  const { world, free, wait, said } = await busy(40)
  for (let n = 0; n < 80; n++) wait(2, 1_000)
  await world.clock.run(10_500)
  for (let n = 0; n < 80; n++) wait(2, 1_000)
  await world.clock.run(10_700)
  await free()
  equal(said.at(-1), '80 placed')
  deepEqual(
    [...new Set(said.slice(0, -1))],
    Array.from({ length: 80 }, (_, n) => `${n} overloaded`),
  )
})

test('who has little time left is tried all the same while everybody in line can still be answered', async () => {
  const { world, free, wait, said } = await busy(40)
  for (let n = 0; n < 3; n++) wait(2, 1_000)
  await world.clock.run(10_700)
  wait(2, 1_000)
  await free()
  deepEqual(said, ['0 placed'])
})

test('who has too little time is tried when nobody of its class has more, before those of a worse class', async () => {
  const { world, free, wait, said } = await busy()
  wait(0, 1_000)
  await world.clock.run(10_500)
  wait(2, 1_000)
  await world.clock.run(10_700)
  await free()
  deepEqual(said, ['0 placed'])
})

test('who came with little time is tried while half of it is left', async () => {
  const { world, free, wait, said } = await busy()
  wait(2, 300)
  wait(2, 1_000)
  await world.clock.run(10_100)
  await free()
  deepEqual(said, ['0 placed'])
  equal(world.scheduler.state().waiting, 1)
})
