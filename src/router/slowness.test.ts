// How soon an endpoint that became slow is found out, and how soon one that was away is used as before; in simulated time.

import { deepEqual, equal, ok } from 'node:assert/strict'
import test from 'node:test'
import type { Lease } from './order.ts'
import { ConcurrencyLimit } from './concurrency-limit.ts'
import { chat, endpoint, failure, logNormal, World } from './simulation.ts'

test('of 450 orders hardly any but those of the first moments go to an endpoint that became eight times slower', async () => {
  let sent = 0
  for (let seed = 1; seed <= 8; seed++) {
    const names = ['a', 'b', 'c', 'd']
    const world = new World(
      names.map((name) => endpoint(name)),
      { seed },
    )
    const serve = async (lease: Lease): Promise<void> => {
      const isSlow = lease.endpoint.name === 'd' && world.clock.elapsed >= 1_500
      if (isSlow) sent++
      await world.sleep(logNormal(world.random, 100, 0.5) * (isSlow ? 8 : 1))
      lease.begun()
      lease.end({ kind: 'done', outputTokens: 20 })
    }
    world.poisson(150, 0, 4_500, () => ({ order: chat({ whole: true }) }), serve)
    await world.clock.run()
  }
  ok(sent / 8 <= 6.5, `${sent / 8} were sent to it, on average of eight seeds`)
})

/** Two endpoints, a and b, that take 100 ms for an order, or as long as is said. */
async function pair(ms: Readonly<Record<string, number>> = {}): Promise<World> {
  const world = new World(
    ['a', 'b'].map((name) => endpoint(name, { maxConcurrent: 3, adaptive: false })),
    { onProbeWanted: () => {} },
  )
  const serve = async (lease: Lease): Promise<void> => {
    await world.sleep(ms[lease.endpoint.name] ?? 100)
    lease.begun()
    lease.end({ kind: 'done', outputTokens: 20 })
  }
  for (let n = 0; n < 20; n++)
    world.at(n * 2_000, () => {
      for (let each = 0; each < 6; each++) void world.send(chat(), serve)
    })
  await world.clock.run(40_000)
  return world
}

test('what an endpoint took while it hung says nothing about how fast it is', async () => {
  const world = await pair()
  const toA = (): Promise<Lease> => world.scheduler.acquire(chat(), world.call(), new Set(['b']))
  const streamed = await toA()
  const whole = await toA()
  streamed.begun()
  streamed.progress(2)
  await world.clock.run(40_010)
  const silent = await toA()
  await world.clock.run(41_000)
  silent.end({ kind: 'failed', failure: failure('silent') })
  await world.clock.run(45_000)
  streamed.progress(2)
  streamed.end({ kind: 'done', outputTokens: 4 })
  whole.begun()
  whole.end({ kind: 'done', outputTokens: 20 })
  const [a, b] = world.scheduler.state().endpoints
  deepEqual([a?.name, a?.breaker, a?.counts.failed], ['a', 'open', 1])
  deepEqual([a?.msPerToken, a?.serviceMs], [b?.msPerToken, b?.serviceMs])
})

test('an endpoint that was slow and says that it is well again is tried at once, also while the others are full', async () => {
  const world = await pair({ a: 1_000 })
  for (let n = 0; n < 3; n++) {
    const lease = await world.scheduler.acquire(chat(), world.call(), new Set(['b']))
    lease.end({ kind: 'failed', failure: failure('refused') })
  }
  await world.clock.run(42_000)
  for (let n = 0; n < 3; n++) await world.scheduler.acquire(chat(), world.call(), new Set(['a']))
  world.scheduler.endpoint('a')?.probed(true)
  equal(world.scheduler.tryAcquire(chat(), world.call(), new Set())?.endpoint.name, 'a')
})

test('first tokens that are late beside those before, and soon all the same, take no places away', () => {
  const after = (ms: number): number => {
    const limit = new ConcurrencyLimit({ most: 16, gradient: true })
    for (let n = 0; n < 200; n++) limit.firstToken(1, 16)
    for (let n = 0; n < 200; n++) limit.firstToken(ms, 16)
    return limit.value
  }
  equal(after(150), 16)
  ok(after(600) < 16)
})

test('an endpoint that refused for a moment, though it had next to nothing to do, soon has as much as before', () => {
  const limit = new ConcurrencyLimit({ most: 64 })
  for (let wave = 0; wave < 9; wave++) limit.refused(wave, wave, 2)
  equal(limit.value, 2)
  const steps: number[] = []
  let answers = 0
  for (; limit.value < 64; answers++) {
    if (steps.at(-1) !== limit.value) steps.push(limit.value)
    limit.answered(10, limit.value)
  }
  deepEqual(steps, [2, 3, 4, 8, 16, 32])
  // Ten rounds near the number that it refused, and one at each from there on.
  equal(answers, 10 * (2 + 3) + 4 + 8 + 16 + 32)
})

test('who is refused alone learns nothing of how many are taken, and what was refused long ago is tried again soon, one by one', () => {
  const alone = new ConcurrencyLimit({ most: 64 })
  for (let wave = 0; wave < 9; wave++) alone.refused(wave, wave, 0)
  equal(alone.value, 64)
  const old = new ConcurrencyLimit({ most: 64 })
  for (let wave = 0; wave < 9; wave++) old.refused(wave, wave, 2)
  let answers = 0
  for (; old.value < 64; answers++) old.answered(70_000, old.value)
  equal(answers, 2 + 3 + 4 + 8 + 16 + 32)
})

test('an endpoint whose answers take long is not asked for twice as much whenever a refusal is a minute old', async () => {
  const world = new World([endpoint('a', { maxConcurrent: 64, protocol: 'openai' })])
  const answerMs = 30_000
  const endMs = 60 * answerMs
  const takes = 16
  let underWay = 0
  const sent = { all: 0, refused: 0 }
  const ask = async (): Promise<void> => {
    using lease = await world.scheduler.acquire(chat(), world.call())
    const isCounted = world.clock.elapsed > 10 * answerMs
    if (isCounted) sent.all++
    if (underWay >= takes) {
      if (isCounted) sent.refused++
      await world.sleep(2)
      return lease.end({ kind: 'failed', failure: failure('busy') })
    }
    underWay++
    await world.sleep(answerMs * (0.6 + 0.8 * world.random()))
    underWay--
    lease.begun()
    lease.end({ kind: 'done' })
  }
  const client = async (): Promise<void> => {
    while (world.clock.elapsed < endMs) await ask()
  }
  for (let number = 0; number < 100; number++) void client()
  await world.clock.run()
  ok(sent.all > 500)
  ok(sent.refused < 0.06 * sent.all, `${sent.refused} of ${sent.all} were refused`)
})

test('a stream may be as late as the prompts that are read before its own', async () => {
  const world = new World(['a', 'b'].map((name) => endpoint(name, { maxConcurrent: 8 })))
  const toA = (promptTokens: number): Promise<Lease> =>
    world.scheduler.acquire(chat({ promptTokens }), world.call(), new Set(['b']))
  const learn = async (): Promise<void> => {
    for (let n = 0; n < 20; n++) {
      const lease = await toA(100)
      await world.sleep(50)
      lease.begun()
      lease.end({ kind: 'done', outputTokens: 20 })
    }
  }
  void learn()
  await world.clock.run()
  const first = await toA(1_000)
  const second = await toA(1_000)
  const third = await toA(1_000)
  ok(second.firstTokenMs > first.firstTokenMs)
  equal(Math.round(third.firstTokenMs - second.firstTokenMs), Math.round(second.firstTokenMs - first.firstTokenMs))
  first.begun()
  second.end({ kind: 'cancelled' })
  third.end({ kind: 'failed', failure: failure('invalid') })
  equal((await toA(1_000)).firstTokenMs, first.firstTokenMs)
})
