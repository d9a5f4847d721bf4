// Scheduling in simulated time: who gets which place when, and that nothing is counted twice or lost.

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict'
import test from 'node:test'
import { openCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import { localPermits } from '../concurrency/local-permits.ts'
import type { OpenPermits } from '../concurrency/permits.ts'
import type { Lease } from './order.ts'
import { openScheduler } from './scheduler.ts'
import { chat, endpoint, failure, quantile, World } from './simulation.ts'

const four = ['a', 'b', 'c', 'd'].map((name) => endpoint(name))

test('of four endpoints one that is eight times slower gets at most 5 % and the others are no slower for it', async () => {
  for (const seed of [1, 2, 3]) {
    const p99: number[] = []
    for (const strategy of ['least-cost', 'round-robin'] as const) {
      const world = new World(four, { strategy, seed })
      world.poisson(150, 0, 9_000, () => ({ order: chat() }), world.whole(100, { d: 8 }))
      await world.clock.run()
      equal(world.fates.filter(({ error }) => error).length, 0)
      p99.push(
        quantile(
          world.fates.map(({ tookMs }) => tookMs),
          0.99,
        ),
      )
      const share = world.fates.filter((fate) => fate.endpoint === 'd').length / world.fates.length
      if (strategy === 'least-cost') ok(share <= 0.05, `the slow one got ${share}`)
    }
    ok((p99[0] ?? 0) <= 0.4 * (p99[1] ?? 0), `p99 ${p99.join(' against ')}`)
  }
})

test('a slow stream shows while it is written, before any answer of it has ended', async () => {
  const world = new World([endpoint('fast'), endpoint('slow')], { seed: 5 })
  const stream = async (lease: Lease): Promise<void> => {
    const gap = lease.endpoint.name === 'slow' ? 160 : 20
    await world.sleep(gap)
    lease.begun()
    for (let token = 0; token < 200; token++) {
      await world.sleep(gap)
      lease.progress(1)
    }
    lease.end({ kind: 'done', outputTokens: 200 })
  }
  // No answer of the slow one ends before 32 seconds have passed.
  world.poisson(3, 0, 20_000, () => ({ order: chat() }), stream)
  await world.clock.run(30_000)
  const [fast, slow] = world.scheduler.state().endpoints
  equal(slow?.counts.done, 0)
  ok((slow?.msPerToken ?? 0) > 4 * (fast?.msPerToken ?? 0))
  ok((slow?.share ?? 1) < 0.25, `the slow one got ${slow?.share}`)
  await world.clock.run()
})

test('the limit of first tokens is told once it is learnt, and at once when its owner set it', async () => {
  const world = new World([endpoint('a'), endpoint('b', { firstTokenMs: 900 })])
  const told = (): unknown[] => world.scheduler.state().endpoints.map(({ firstTokenLimitMs }) => firstTokenLimitMs)
  deepEqual(told(), [undefined, 900])
  world.poisson(20, 0, 2_000, () => ({ order: chat() }), world.whole(100))
  await world.clock.run()
  const [learnt, set] = told()
  equal(set, 900)
  ok(typeof learnt === 'number' && learnt < 60_000, String(learnt))
})

test('an order in line takes whatever is free first, and not what looked best when it came', async () => {
  const world = new World([endpoint('a', { maxConcurrent: 1 }), endpoint('b', { maxConcurrent: 1 })])
  const first = await world.scheduler.acquire(chat(), world.call())
  const second = await world.scheduler.acquire(chat(), world.call())
  ok(first.endpoint.name !== second.endpoint.name)
  const third = world.scheduler.acquire(chat(), world.call())
  equal(world.scheduler.state().waiting, 1)
  second.end({ kind: 'done' })
  equal((await third).endpoint.name, second.endpoint.name)
  equal(world.scheduler.state().waiting, 0)
})

test('at twice the load the urgent wait less than one service time, the others no longer than they must, the expired never run', async () => {
  const world = new World(
    four.map((one) => ({ ...one, maxConcurrent: 16, adaptive: false })),
    { seed: 7 },
  )
  world.poisson(
    2 * (64 / 0.1),
    0,
    6_000,
    (random) => (random() < 0.2 ? { order: chat({ priority: 0 }) } : { order: chat({ priority: 2 }), budgetMs: 1_500 }),
    world.whole(100),
  )
  await world.clock.run()
  const urgent = world.fates.filter(({ order }) => order.priority === 0)
  const others = world.fates.filter(({ order }) => order.priority === 2)
  equal(urgent.filter(({ error }) => error).length, 0)
  const p99 = quantile(
    urgent.map(({ waitedMs }) => waitedMs),
    0.99,
  )
  ok(p99 <= 100, `the urgent waited ${p99}`)
  // Whoever was placed had time left.
  ok(others.filter(({ endpoint: at }) => at !== undefined).every(({ waitedMs }) => waitedMs < 1_500))
  ok(others.filter(({ endpoint: at }) => at !== undefined).length > 1_000)
  for (const { error } of others) if (error) ok(['deadline', 'overloaded'].includes(error.code), error.message)
  deepEqual([world.scheduler.state().inFlight, world.scheduler.state().waiting], [0, 0])
})

test('who has waited longer than the ageing time gets one place of four, however urgent the others are', async () => {
  const world = new World([endpoint('a', { maxConcurrent: 1, adaptive: false })], { ageMs: 1_000, queue: 10_000 })
  const serve = async (lease: Lease): Promise<void> => {
    await world.sleep(10)
    lease.end({ kind: 'done' })
  }
  for (let n = 0; n < 20; n++) void world.send(chat({ priority: 7 }), serve)
  // Urgent ones come half as fast again as they can be served.
  world.poisson(150, 0, 10_000, () => ({ order: chat({ priority: 0 }) }), serve)
  await world.clock.run()
  const aged = world.fates.filter(({ order }) => order.priority === 7)
  equal(aged.length, 20)
  for (const { waitedMs } of aged) ok(waitedMs <= 1_000 + 20 * 4 * 10 + 50, `waited ${waitedMs}`)
})

test('who waits too long in one line is not starved by the urgent of another', async () => {
  const world = new World([endpoint('a', { maxConcurrent: 1, adaptive: false, serves: ['m', 'n'] })], {
    ageMs: 1_000,
    queue: 10_000,
  })
  const serve = async (lease: Lease): Promise<void> => {
    await world.sleep(10)
    lease.end({ kind: 'done' })
  }
  world.poisson(150, 0, 5_000, () => ({ order: chat({ model: 'm', priority: 0 }) }), serve)
  await world.clock.run(500)
  void world.send(chat({ model: 'n', priority: 2 }), serve)
  await world.clock.run()
  const [other] = world.fates.filter(({ order }) => order.model === 'n')
  ok((other?.waitedMs ?? Infinity) <= 1_100, `waited ${other?.waitedMs}`)
})

test('a full queue refuses at once and says when to come back; a better class displaces the last of a worse one', async () => {
  const world = new World([endpoint('a', { maxConcurrent: 1 })], { queue: 2 })
  const held = await world.scheduler.acquire(chat(), world.call())
  const first = world.scheduler.acquire(chat({ priority: 3 }), world.call())
  const second = world.scheduler.acquire(chat({ priority: 3 }), world.call())
  await rejects(world.scheduler.acquire(chat({ priority: 3 }), world.call()), (error: unknown) => {
    ok(error instanceof AndonError)
    return error.code === 'overloaded' && (error.retryAfterMs ?? 0) >= 100
  })
  const urgent = world.scheduler.acquire(chat({ priority: 0 }), world.call())
  await rejects(second, { code: 'overloaded' })
  held.end({ kind: 'done' })
  const lease = await urgent
  lease.end({ kind: 'done' })
  ;(await first).end({ kind: 'done' })
  deepEqual([world.scheduler.state().inFlight, world.scheduler.state().waiting], [0, 0])
})

test('a deadline or an abort ends the wait at once, and the place goes to the next', async () => {
  const world = new World([endpoint('a', { maxConcurrent: 1 })])
  const held = await world.scheduler.acquire(chat(), world.call())
  const stop = new AbortController()
  const aborted = world.scheduler.acquire(chat(), world.call(Infinity, stop.signal))
  const late = world.scheduler.acquire(chat(), world.call(500))
  const patient = world.scheduler.acquire(chat(), world.call())
  stop.abort(new AndonError('cancelled', 'gone'))
  await rejects(aborted, { code: 'cancelled' })
  equal(world.scheduler.state().waiting, 2)
  const refused = rejects(late, { code: 'deadline' })
  await world.clock.run(600)
  await refused
  held.end({ kind: 'done' })
  ;(await patient).end({ kind: 'done' })
  deepEqual([world.scheduler.state().inFlight, world.scheduler.state().waiting], [0, 0])
})

test('an endpoint that failed an order is taken again only when there is no other', async () => {
  const world = new World([endpoint('a', { maxConcurrent: 1 }), endpoint('b', { maxConcurrent: 1 })])
  const tried = new Set(['a'])
  const first = await world.scheduler.acquire(chat(), world.call(), tried)
  equal(first.endpoint.name, 'b')
  // The other is busy, not gone: it is waited for.
  const second = world.scheduler.acquire(chat(), world.call(), tried)
  equal(world.scheduler.state().waiting, 1)
  equal(world.scheduler.tryAcquire(chat(), world.call(), new Set(['b'])), undefined, 'nobody overtakes those in line')
  first.end({ kind: 'done' })
  equal((await second).endpoint.name, 'b')
  const both = await world.scheduler.acquire(chat(), world.call(), new Set(['a', 'b']))
  equal(both.endpoint.name, 'a')
})

test('a second try beside the first gets another endpoint at once or none', async () => {
  const world = new World([endpoint('a', { maxConcurrent: 1 }), endpoint('b', { maxConcurrent: 1 })])
  const first = await world.scheduler.acquire(chat(), world.call())
  const second = world.scheduler.tryAcquire(chat(), world.call(), new Set([first.endpoint.name]))
  ok(second !== undefined && second.endpoint.name !== first.endpoint.name)
  equal(world.scheduler.tryAcquire(chat(), world.call(), new Set()), undefined)
  second[Symbol.dispose]()
  equal(world.scheduler.tryAcquire(chat(), world.call(), new Set(['a', 'b'])), undefined)
})

test('only endpoints that can, serve the model and take the length are chosen; none is an error that says so', async () => {
  const world = new World([
    endpoint('small', { model: 'big', serves: ['m'], contextTokens: 4_096 }),
    endpoint('large', { model: 'm', contextTokens: 32_768 }),
    endpoint('vectors', { model: 'v', can: ['embeddings'] }),
  ])
  const name = async (order: Parameters<typeof chat>[0]): Promise<string> => {
    using lease = await world.scheduler.acquire(chat(order), world.call())
    return `${lease.endpoint.name}/${lease.model}`
  }
  equal(await name({ model: 'm', contextTokens: 10_000 }), 'large/m')
  equal(await name({ model: 'v', ability: 'embeddings' }), 'vectors/v')
  ok(['small/big', 'large/m'].includes(await name({ model: 'm' })))
  await rejects(name({ model: 'm', contextTokens: 100_000 }), { code: 'unavailable' })
  await rejects(name({ model: 'unknown' }), { code: 'unavailable' })
  await rejects(name({ ability: 'rerank' }), { code: 'unavailable' })
})

test('orders for a model that is busy do not stand in the way of others', async () => {
  const world = new World([
    endpoint('a', { model: 'a', maxConcurrent: 1 }),
    endpoint('b', { model: 'b', maxConcurrent: 1 }),
  ])
  const a = await world.scheduler.acquire(chat({ model: 'a' }), world.call())
  const waits = [1, 2, 3].map(() => world.scheduler.acquire(chat({ model: 'a' }), world.call()))
  const b = await world.scheduler.acquire(chat({ model: 'b' }), world.call())
  equal(b.endpoint.name, 'b')
  const next = world.scheduler.acquire(chat({ model: 'b' }), world.call())
  b.end({ kind: 'done' })
  equal((await next).endpoint.name, 'b')
  a.end({ kind: 'done' })
  for (const wait of waits) (await wait).end({ kind: 'done' })
})

test('a higher tier is used only while no lower one can take the order', async () => {
  const world = new World([
    endpoint('near', { maxConcurrent: 1 }),
    endpoint('spare', { priority: 1, maxConcurrent: 4 }),
  ])
  const first = await world.scheduler.acquire(chat(), world.call())
  equal(first.endpoint.name, 'near')
  equal((await world.scheduler.acquire(chat(), world.call())).endpoint.name, 'spare')
  first.end({ kind: 'done' })
  equal((await world.scheduler.acquire(chat(), world.call())).endpoint.name, 'near')
})

test('twice the weight is twice the load', async () => {
  const world = new World([endpoint('one', { maxConcurrent: 100 }), endpoint('two', { maxConcurrent: 100, weight: 2 })])
  for (let n = 0; n < 60; n++) await world.scheduler.acquire(chat(), world.call())
  const [one, two] = world.scheduler.state().endpoints
  ok(Math.abs((two?.inFlight ?? 0) - 2 * (one?.inFlight ?? 0)) <= 3, `${one?.inFlight} and ${two?.inFlight}`)
})

test('endpoints change while orders wait and streams run: the gone end what they have, the new take what waits', async () => {
  const world = new World([endpoint('old', { maxConcurrent: 1 })])
  const running = await world.scheduler.acquire(chat(), world.call())
  const waiting = world.scheduler.acquire(chat(), world.call())
  const other = world.scheduler.acquire(chat({ model: 'm' }), world.call())
  world.scheduler.update([endpoint('new', { maxConcurrent: 1, model: 'n' })])
  equal((await waiting).endpoint.name, 'new')
  await rejects(other, { code: 'unavailable' })
  running.progress(5)
  running.end({ kind: 'done' })
  ;(await waiting).end({ kind: 'done' })
  equal(world.scheduler.state().inFlight, 0)
  world.scheduler.update([endpoint('new', { maxConcurrent: 3, model: 'n' })])
  equal(world.scheduler.state().endpoints[0]?.limit, 3)
  throws(() => world.scheduler.update([endpoint('x'), endpoint('x')]), { code: 'invalid' })
  throws(() => openScheduler([endpoint('no good')]), { code: 'invalid' })
})

test('of many endpoints whose counts are shared two are looked at, also of those that are found later', async () => {
  const many = Array.from({ length: 40 }, (_, n) => endpoint(`e${n}`))
  /** To how many endpoints as many orders go as there are in the end. */
  const spread = async (first: typeof many, then: typeof many): Promise<number> => {
    const world = new World(first, { permits: localPermits() })
    world.scheduler.update(then)
    const names = new Set<string>()
    for (const _ of then) names.add((await world.scheduler.acquire(chat(), world.call())).endpoint.name)
    return names.size
  }
  // By the least cost of all each gets one.
  ok((await spread([], many)) < 40)
  equal(await spread(many, many.slice(0, 8)), 8)
})

test('an endpoint that is taken away and comes back while an order runs there still counts it', async () => {
  const world = new World([endpoint('a', { maxConcurrent: 1 })])
  const running = await world.scheduler.acquire(chat(), world.call())
  world.scheduler.update([])
  await rejects(world.scheduler.acquire(chat(), world.call()), { code: 'unavailable' })
  world.scheduler.update([endpoint('a', { maxConcurrent: 1 })])
  const next = world.scheduler.acquire(chat(), world.call())
  equal(world.scheduler.state().waiting, 1)
  running.end({ kind: 'done' })
  ;(await next).end({ kind: 'done' })
  deepEqual([world.scheduler.state().inFlight, world.scheduler.state().waiting], [0, 0])
})

test('closing refuses whoever waits, and what runs ends in peace', async () => {
  const world = new World([endpoint('a', { maxConcurrent: 1 })])
  const running = await world.scheduler.acquire(chat(), world.call())
  const waiting = rejects(world.scheduler.acquire(chat(), world.call()), { code: 'unavailable' })
  await world.scheduler[Symbol.asyncDispose]()
  await waiting
  running.end({ kind: 'done' })
  running.end({ kind: 'cancelled' })
  await rejects(world.scheduler.acquire(chat(), world.call()), { code: 'unavailable' })
})

test('a place that is free is given in the same turn, with the machine’s own clock', async () => {
  await using scheduler = openScheduler([endpoint('a', { maxConcurrent: 1 })])
  using call = openCall({ tenant: 't', budgetMs: 10_000 })
  const first = await scheduler.acquire(chat(), call)
  const second = scheduler.acquire(chat(), call)
  first.end({ kind: 'failed', failure: failure('invalid') })
  first.end({ kind: 'done' })
  using lease = await second
  equal(lease.endpoint.name, 'a')
  equal(scheduler.endpoint('a')?.report().counts.failed, 1)
})

test('permits that have to be asked for come later, are taken in the turn in which they come, and are never too many', async () => {
  const world = new World([])
  let granted = 0
  let most = 0
  const askers: (() => void)[] = []
  // Somebody else keeps the count: a permit comes a moment after it was wanted, and goes back when it is not taken at once.
  const permits: OpenPermits = (_name, limit, onFree) => {
    let atHand = 0
    let held = 0
    let wanted = 0
    const ask = (): void => {
      if (wanted === 0 || granted >= limit) return
      granted++
      atHand++
      most = Math.max(most, granted)
      onFree()
      granted -= atHand
      atHand = 0
    }
    askers.push(ask)
    return {
      limit,
      get held() {
        return held
      },
      get heldByAll() {
        return held
      },
      take() {
        if (atHand === 0) return false
        atHand--
        held++
        return true
      },
      give() {
        held--
        granted--
        world.clock.setTimer(1, () => askers.forEach((one) => one()))
      },
      want(count) {
        const more = count > wanted
        wanted = count
        if (more) world.clock.setTimer(1, ask)
      },
      setLimit() {},
      rest() {},
      woke() {},
      [Symbol.dispose]() {},
    }
  }
  const one = [endpoint('a', { maxConcurrent: 3, adaptive: false })]
  const two = [1, 2].map((random) => openScheduler(one, { permits, clock: world.clock, random }))
  let done = 0
  for (let n = 0; n < 100; n++)
    void two[n % 2]?.acquire(chat(), world.call()).then(async (lease) => {
      await world.sleep(20)
      lease.end({ kind: 'done' })
      done++
    })
  await world.clock.run()
  deepEqual([done, most, granted], [100, 3, 0])
  for (const scheduler of two) deepEqual([scheduler.state().inFlight, scheduler.state().waiting], [0, 0])
})
