// Who is next: every priority that can be asked for is a class of its own.

import { deepEqual } from 'node:assert/strict'
import test from 'node:test'
import { chat, endpoint, World } from './simulation.ts'

test('priorities from 0 to 9 go one after the other, and whatever is higher stands with 9', async () => {
  const world = new World([endpoint('one', { maxConcurrent: 1, adaptive: false })], { ageMs: Infinity })
  const first = await world.scheduler.acquire(chat(), world.call())
  const served: number[] = []
  const waiting = [12, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map(async (priority) => {
    const lease = await world.scheduler.acquire(chat({ priority }), world.call())
    served.push(priority)
    lease.begun()
    lease.end({ kind: 'done' })
  })
  first.begun()
  first.end({ kind: 'done' })
  await Promise.all(waiting)
  deepEqual(served, [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 9])
})
