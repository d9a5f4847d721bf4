// Which demand is told of, and which is kept.

import { deepEqual, equal } from 'node:assert/strict'
import test from 'node:test'
import { localPermits } from '../concurrency/local-permits.ts'
import { endpointSchema } from './endpoint.ts'
import { EndpointState } from './endpoint-state.ts'
import { Pools } from './pools.ts'
import type { Memories } from './pools.ts'
import { chat, endpoint, World } from './simulation.ts'

test('who asks for any model and who asks for one that nobody names wait for the same endpoints', async () => {
  for (const order of [chat(), chat({ model: 'no-name' })]) {
    const world = new World([endpoint('a', { maxConcurrent: 1, adaptive: false })])
    const lease = await world.scheduler.acquire(chat(), world.call())
    const waiting = world.scheduler.acquire(order, world.call())
    await world.clock.run(2_000)
    deepEqual(
      world.scheduler
        .signals()
        .filter(({ ability }) => ability === 'chat')
        .map(({ model, queued, queue_seconds_p95 }) => [model, queued, queue_seconds_p95]),
      [['*', 1, 2]],
    )
    lease.end({ kind: 'done' })
    ;(await waiting).end({ kind: 'done' })
  }
})

test('the demand for any model is told of once somebody asks for it, where models have names', async () => {
  const world = new World([endpoint('a', { model: 'first', can: ['chat'] }), endpoint('b', { can: ['chat'] })])
  const told = (): string[] => world.scheduler.signals().map(({ model }) => model)
  deepEqual(told(), ['first'])
  ;(await world.scheduler.acquire(chat({ model: 'first' }), world.call())).end({ kind: 'done' })
  deepEqual(told(), ['first'])
  ;(await world.scheduler.acquire(chat({ model: 'no-name' }), world.call())).end({ kind: 'done' })
  deepEqual(told(), ['first', '*'])
  await world.clock.run(200_000)
  // An autoscaler that reads the row goes on finding it.
  deepEqual(told(), ['first', '*'])
})

test('the demand for a model that is gone is forgotten a minute after the last who asked', () => {
  const memories: Memories = { habits: new Map(), rooms: new Map(), demands: new Map() }
  const openFor = (model: string, now: number): Pools => {
    const settings = endpointSchema.parse({ ...endpoint('a', { model }), can: ['chat'] })
    const options = { permits: localPermits(), breaker: {}, prefixBlocks: 1, onFree: () => {}, onRest: () => {} }
    const rules = { queue: 1, ageMs: 1, penalties: {}, strategy: 'least-cost', onWake: () => {} } as const
    return new Pools([new EndpointState(settings, options)], memories, { ...rules, now })
  }
  const kept = (): string[] => [...memories.demands.keys()].filter((key) => key !== 'chat *').sort()
  const first = openFor('first', 0).find(chat({ model: 'first' }))?.demand
  first?.placed(0, 0)
  openFor('second', 100_000)
  deepEqual(kept(), ['chat first', 'chat second'])
  // It was under way all the time, and still is when its model is back.
  equal(openFor('first', 200_000).find(chat({ model: 'first' }))?.demand, first)
  deepEqual(kept(), ['chat first'])
  first?.placed(210_000, 0)
  first?.ended(210_000)
  first?.ended(220_000)
  openFor('second', 270_000)
  deepEqual(kept(), ['chat first', 'chat second'])
  openFor('second', 271_000)
  deepEqual(kept(), ['chat second'])
})
