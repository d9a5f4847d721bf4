// What users of other routers complained about, as far as it is about counting, choosing and waiting. Each test is named
// after the complaint and shows that it does not hold here.

import { deepEqual, equal, ok } from 'node:assert/strict'
import test from 'node:test'
import { localPermits } from '../../src/concurrency/local-permits.ts'
import { openCall } from '../../src/core/call.ts'
import { AndonError } from '../../src/core/errors.ts'
import type { Lease } from '../../src/router/order.ts'
import { Cooling } from '../../src/router/cooling.ts'
import { seeded } from '../../src/core/random.ts'
import { openScheduler } from '../../src/router/scheduler.ts'
import { chat, endpoint, failure, World } from '../../src/router/simulation.ts'

const eight = Array.from({ length: 8 }, (_, n) => endpoint(`e${n}`, { maxConcurrent: 64, adaptive: false }))

test('vllm-project/router#215: 10,000 aborts at random moments leave every counter at exactly 0', async () => {
  const world = new World(
    Array.from({ length: 4 }, (_, n) => endpoint(`e${n}`, { maxConcurrent: 4 })),
    { seed: 15, queue: 200 },
  )
  const random = seeded(16)
  let settled = 0
  const one = async (): Promise<void> => {
    const stop = new AbortController()
    const call = world.call(random() < 0.2 ? 30 + random() * 300 : Infinity, stop.signal)
    world.clock.setTimer(random() * 400, () => stop.abort(new AndonError('cancelled', 'gone')))
    try {
      using lease = await world.scheduler.acquire(chat({ priority: Math.floor(random() * 3) }), call)
      await world.sleep(random() * 60)
      if (call.signal.aborted) return
      lease.begun()
      if (random() < 0.3) lease.pause()
      await world.sleep(random() * 60)
      lease.progress(3)
      if (random() < 0.5) lease.resume()
      if (call.signal.aborted) return
      const kinds = ['cut', 'busy', 'failed', 'silent', 'invalid'] as const
      const kind = kinds[Math.floor(random() * 40)]
      lease.end(kind === undefined ? { kind: 'done', outputTokens: 3 } : { kind: 'failed', failure: failure(kind) })
      if (random() < 0.1) lease.end({ kind: 'cancelled' })
    } catch (error) {
      ok(error instanceof AndonError && ['cancelled', 'deadline', 'overloaded'].includes(error.code))
    } finally {
      settled++
    }
  }
  for (let n = 0; n < 10_000; n++) world.at(n * 5, () => void one())
  await world.clock.run()
  equal(settled, 10_000)
  const { endpoints, inFlight, waiting } = world.scheduler.state()
  deepEqual([inFlight, waiting], [0, 0])
  for (const report of endpoints) {
    deepEqual([report.inFlight, report.inFlightOfAll, report.waiting], [0, 0, 0])
    const { placed, done, cancelled, failed } = report.counts
    equal(done + cancelled + failed, placed)
  }
  for (const signal of world.scheduler.signals()) deepEqual([signal.queued, signal.in_flight], [0, 0])
})

test('vllm-project/router#215: after aborts new prompts still go to all endpoints and not to one', async () => {
  const world = new World(eight)
  for (let n = 0; n < 400; n++) (await world.scheduler.acquire(chat({ prefix: [n] }), world.call()))[Symbol.dispose]()
  for (let n = 0; n < 80; n++) await world.scheduler.acquire(chat({ prefix: [1_000 + n] }), world.call())
  for (const { inFlight } of world.scheduler.state().endpoints) equal(inFlight, 10)
})

test('vllm-project/router#179: 480 streams at once stand 60 at each of eight engines, not 480 at one', async () => {
  const world = new World(eight)
  await Promise.all(Array.from({ length: 480 }, () => world.scheduler.acquire(chat(), world.call())))
  deepEqual(
    world.scheduler.state().endpoints.map(({ inFlight }) => inFlight),
    Array.from({ length: 8 }, () => 60),
  )
})

test('sgl-project/sglang#27547, lightseekorg/smg#1714: orders of the same moment are counted before anything answers, so none of them herd', async () => {
  const world = new World(eight)
  const leases = await Promise.all(
    Array.from({ length: 64 }, () =>
      world.scheduler.acquire(chat({ prefix: [1, 2, 3], promptTokens: 4 }), world.call()),
    ),
  )
  equal(new Set(leases.map((lease) => lease.endpoint.name)).size, 8)
  for (const { inFlight } of world.scheduler.state().endpoints) equal(inFlight, 8)
})

test('sgl-project/sglang#15473: an order counts from its choice to its end, however it is spoken to', async () => {
  const world = new World(
    ['openai', 'anthropic', 'gemini', 'vllm'].map((protocol) => endpoint(protocol, { protocol: protocol as 'vllm' })),
  )
  const leases = await Promise.all(Array.from({ length: 4 }, () => world.scheduler.acquire(chat(), world.call())))
  deepEqual(
    world.scheduler.state().endpoints.map(({ inFlight }) => inFlight),
    [1, 1, 1, 1],
  )
  for (const lease of leases) lease.end({ kind: 'done' })
  equal(world.scheduler.state().inFlight, 0)
})

test('sgl-project/sglang#14532, #14305: a prompt that nobody has cached goes to the least load, not to the emptiest cache', async () => {
  const world = new World([endpoint('known', { maxConcurrent: 64 }), endpoint('new', { maxConcurrent: 64 })])
  // One has many prompts in its cache and nothing to do; the other has an empty cache and much to do.
  for (let n = 0; n < 200; n++) {
    const lease = await world.scheduler.acquire(
      chat({ prefix: [n * 2 + 1], promptTokens: 128 }),
      world.call(),
      new Set(['new']),
    )
    lease.end({ kind: 'done' })
  }
  for (let n = 0; n < 20; n++) await world.scheduler.acquire(chat(), world.call(), new Set(['known']))
  const lease = await world.scheduler.acquire(chat({ prefix: [-1], promptTokens: 128 }), world.call())
  equal(lease.endpoint.name, 'known')
})

test('sgl-project/sglang#32195: affinity survives a moment of uneven load', async () => {
  const world = new World([endpoint('a', { maxConcurrent: 64 }), endpoint('b', { maxConcurrent: 64 })])
  const prefix = Array.from({ length: 60 }, (_, n) => n)
  const order = chat({ prefix, promptTokens: 8_000 })
  const first = await world.scheduler.acquire(order, world.call())
  const home = first.endpoint.name
  first.end({ kind: 'done' })
  for (let n = 0; n < 30; n++) {
    const burst = await Promise.all(Array.from({ length: 2 }, () => world.scheduler.acquire(chat(), world.call())))
    using lease = await world.scheduler.acquire(order, world.call())
    equal(lease.endpoint.name, home)
    for (const one of burst) one.end({ kind: 'done' })
  }
})

test('lightseekorg/smg#1621: the server’s own gauges count, where several routers send to it', async () => {
  const world = new World([endpoint('a'), endpoint('b')])
  world.scheduler.endpoint('a')?.hinted({ running: 40, waiting: 3, kvUsage: 0.99 })
  equal((await world.scheduler.acquire(chat(), world.call())).endpoint.name, 'b')
})

test('BerriAI/litellm#40130: a second, shorter Retry-After does not end the rest earlier', () => {
  const cooling = new Cooling()
  cooling.busy(1_000, false, 3, 30_000)
  cooling.busy(1_100, false, 3, 1_000)
  equal(cooling.until, 31_000)
  equal(cooling.allows(30_999), false)
  cooling.busy(2_000, false, 3, 60_000)
  equal(cooling.until, 62_000)
})

test('BerriAI/litellm#3646: when every endpoint rests, orders wait for the first to be back and succeed', async () => {
  const world = new World([endpoint('a'), endpoint('b'), endpoint('c')])
  for (const ms of [1_500, 2_500, 4_000]) {
    const lease = await world.scheduler.acquire(chat(), world.call())
    lease.end({ kind: 'failed', failure: failure('busy', ms) })
  }
  const sends = Array.from({ length: 20 }, () => world.send(chat(), world.whole(50), 10_000))
  await world.clock.run(1_499)
  equal(world.scheduler.state().waiting, 20)
  await world.clock.run()
  ok(
    (await Promise.all(sends)).every(
      ({ error, waitedMs }) => error === undefined && waitedMs >= 1_500 && waitedMs < 2_500,
    ),
  )
})

test('BerriAI/litellm#7669: a refusal says when to come back', async () => {
  const world = new World([endpoint('a')])
  const lease = await world.scheduler.acquire(chat(), world.call())
  lease.end({ kind: 'failed', failure: failure('busy', 7_000) })
  const fate = await world.send(chat(), world.whole(50), 1_000)
  deepEqual([fate.error?.code, fate.error?.retryAfterMs, fate.tookMs], ['overloaded', 7_000, 0])
})

test('BerriAI/litellm#34836: an endpoint that answers 500 is out of rotation after the third, at once, and stays out', async () => {
  const world = new World([endpoint('good'), endpoint('bad'), endpoint('fine')])
  let errors = 0
  const serve = async (lease: Lease): Promise<void> => {
    await world.sleep(5)
    if (lease.endpoint.name === 'bad') {
      errors++
      lease.end({ kind: 'failed', failure: failure('failed') })
    } else lease.end({ kind: 'done' })
  }
  for (let n = 0; n < 100; n++) world.at(n * 10, () => void world.send(chat(), serve))
  await world.clock.run(200)
  equal(errors, 3)
  await world.clock.run()
  ok(errors <= 6, `${errors} orders met it within a second`)
})

test('BerriAI/litellm#30192: after a spike of overload everything is as before, without a restart', async () => {
  const world = new World([endpoint('a', { maxConcurrent: 4 }), endpoint('b', { maxConcurrent: 4 })], {
    queue: 20,
    seed: 8,
  })
  for (let n = 0; n < 2_000; n++) world.at(n, () => void world.send(chat(), world.whole(100), 200))
  await world.clock.run()
  ok(world.fates.filter(({ error }) => error).length > 1_000)
  world.fates.length = 0
  await world.clock.run(60_000)
  for (let n = 0; n < 100; n++) world.at(60_000 + n * 50, () => void world.send(chat(), world.whole(100), 2_000))
  await world.clock.run()
  deepEqual(world.fates.filter(({ error }) => error).length, 0)
})

test('vllm-project/production-stack#749: one engine that hangs does not hold up orders for the others', async () => {
  const world = new World([endpoint('a'), endpoint('hung'), endpoint('b')], { seed: 3 })
  const serve = async (lease: Lease): Promise<void> => {
    if (lease.endpoint.name === 'hung') {
      await world.sleep(lease.firstTokenMs)
      lease.end({ kind: 'failed', failure: failure('silent') })
      return
    }
    await world.whole(50)(lease)
  }
  world.poisson(100, 0, 10_000, () => ({ order: chat() }), serve)
  await world.clock.run(10_000)
  const stuck = world.scheduler.endpoint('hung')?.report()
  ok((stuck?.counts.placed ?? Infinity) <= 17, `${stuck?.counts.placed} were sent to the one that hangs`)
  const others = world.fates.filter((fate) => fate.endpoint !== 'hung')
  ok(others.length > 900)
  ok(others.every(({ waitedMs }) => waitedMs === 0))
  await world.clock.run()
})

test('vllm-project/production-stack#767: no hidden limit below the one that was set', async () => {
  const world = new World([endpoint('a', { maxConcurrent: 1_000 })])
  await Promise.all(Array.from({ length: 1_000 }, () => world.scheduler.acquire(chat(), world.call())))
  equal(world.scheduler.state().inFlight, 1_000)
})

test('limits hold over all who share them, and under a backlog are used', async () => {
  const permits = localPermits()
  const shared = [endpoint('a', { maxConcurrent: 10, adaptive: false })]
  const worlds = Array.from({ length: 4 }, (_, n) => openScheduler(shared, { permits, random: n }))
  using call = openCall({ tenant: 't' })
  const waits = worlds.flatMap((one) => Array.from({ length: 50 }, () => one.acquire(chat(), call)))
  let held = 0
  let most = 0
  let served = 0
  for (const wait of waits)
    void wait.then(async (lease) => {
      most = Math.max(most, ++held)
      await Promise.resolve()
      served++
      held--
      lease.end({ kind: 'done' })
    })
  await Promise.all(waits)
  await Promise.resolve()
  equal(most, 10)
  await new Promise(setImmediate)
  equal(served, 200)
  for (const one of worlds) {
    equal(one.state().inFlight, 0)
    await one[Symbol.asyncDispose]()
  }
})
