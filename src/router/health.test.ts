// What keeps orders away from an endpoint and what brings them back, in simulated time.

import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import test from 'node:test'
import { AndonError } from '../core/errors.ts'
import { Breaker } from './breaker.ts'
import { Cooling } from './cooling.ts'
import { FirstTokenLimit } from './first-token-limit.ts'
import type { Lease } from './order.ts'
import { RateLimit } from './rate-limit.ts'
import { chat, endpoint, failure, quantile, World } from './simulation.ts'

const three = ['a', 'b', 'c'].map((name) => endpoint(name))

/** Fails at those that are down and serves for 50 ms elsewhere; every order tries until it succeeds. */
function faulty(world: World, down: ReadonlySet<string>, seen: Map<string, number>) {
  return async (): Promise<void> => {
    const tried = new Set<string>()
    for (;;) {
      using lease: Lease = await world.scheduler.acquire(chat(), world.call(), tried)
      const { name } = lease.endpoint
      if (down.has(name)) {
        seen.set(name, (seen.get(name) ?? 0) + 1)
        tried.add(name)
        lease.end({ kind: 'failed', failure: failure('refused') })
        continue
      }
      await world.sleep(50)
      lease.begun()
      lease.end({ kind: 'done' })
      return
    }
  }
}

test('one that refuses is shut after three failures, tried again by one order at a time, and back within a second', async () => {
  const news: string[] = []
  const world = new World(three, { onHealth: (one) => news.push(`${one.endpoint} ${one.kind}`) })
  const down = new Set<string>()
  const seen = new Map<string, number>()
  const send = faulty(world, down, seen)
  for (let n = 0; n < 900; n++) world.at(n * 10, () => void send())
  world.at(3_000, () => down.add('a'))
  await world.clock.run(3_200)
  equal(seen.get('a'), 3)
  deepEqual(news, ['a down'])
  await world.clock.run(5_000)
  // After about 250, 500 and then 800 ms.
  ok((seen.get('a') ?? 9) <= 6, `${seen.get('a')} were sent to it`)
  down.clear()
  const before = world.scheduler.endpoint('a')?.report().counts.done ?? 0
  await world.clock.run(6_000)
  ok((world.scheduler.endpoint('a')?.report().counts.done ?? 0) > before)
  await world.clock.run()
  deepEqual(news, ['a down', 'a up'])
  equal(world.scheduler.state().inFlight, 0)
})

test('one that is shut and then stands at another address is told to be back, and may fall again', async () => {
  const news: string[] = []
  const world = new World(three, { onHealth: (one) => news.push(`${one.endpoint} ${one.kind}`) })
  const down = new Set<string>(['a'])
  const send = faulty(world, down, new Map())
  for (let n = 0; n < 60; n++) world.at(n * 10, () => void send())
  await world.clock.run(600)
  deepEqual(news, ['a down'])
  world.scheduler.update(three.map((one) => ({ ...one, url: `${one.url}/moved` })))
  deepEqual(news, ['a down', 'a up'])
  for (let n = 60; n < 120; n++) world.at(n * 10, () => void send())
  await world.clock.run()
  deepEqual(news, ['a down', 'a up', 'a down'])
})

test('what is under way at an old address, with an old key or of an old model teaches the new nothing', async () => {
  const old = { protocol: 'vllm', apiKey: 'old', model: 'm', limits: { tokensPerMinute: 1_000 } } as const
  for (const change of [{ apiKey: 'new' }, { url: 'http://127.0.0.1:10' }, { model: 'n' }]) {
    const news: string[] = []
    const world = new World([endpoint('a', old), endpoint('other')], { onHealth: ({ kind }) => news.push(kind) })
    const place = (): Promise<Lease> =>
      world.scheduler.acquire(chat({ promptTokens: 10, outputTokens: 10 }), world.call(), new Set(['other']))
    const leases: Lease[] = []
    for (let n = 0; n < 5; n++) leases.push(await place())
    const [refused, busy, silent, done, gone] = leases
    world.scheduler.update([endpoint('a', { ...old, ...change, limits: { tokensPerMinute: 20 } }), endpoint('other')])
    await world.clock.run(10_000)
    const { inFlight, ...fresh } = world.scheduler.endpoint('a')?.report() ?? {}
    equal(inFlight, 5)
    refused?.end({ kind: 'failed', failure: failure('key') })
    busy?.end({ kind: 'failed', failure: failure('busy', 60_000) })
    silent?.end({ kind: 'failed', failure: failure('silent') })
    done?.progress(1)
    done?.end({ kind: 'done', outputTokens: 900 })
    gone?.end({ kind: 'cancelled', unsent: true })
    deepEqual(world.scheduler.endpoint('a')?.report(), {
      ...fresh,
      inFlight: 0,
      inFlightOfAll: 0,
      counts: { placed: 4, done: 1, cancelled: 0, failed: 3, busy: 1 },
      share: 4 / 5,
    })
    deepEqual(news, [])
    // Nor were their tokens counted among those of this minute, of which there are twenty.
    const next = await place()
    equal(next.endpoint.name, 'a')
    next.end({ kind: 'failed', failure: failure('key') })
    deepEqual(news, ['down'])
  }
})

test('of another address, key or model nothing is known; of the same one everything is', async () => {
  for (const [change, isKnown] of [
    [{ apiKey: 'new' }, false],
    [{ url: 'http://127.0.0.1:10' }, false],
    [{ model: 'n' }, false],
    [{ weight: 2 }, true],
  ] as const) {
    const world = new World([endpoint('a')])
    world.poisson(20, 0, 2_000, () => ({ order: chat() }), world.whole(100))
    await world.clock.run()
    world.scheduler.update([endpoint('a', change)])
    const { msPerToken, serviceMs, silentMs, firstTokenMs } = world.scheduler.endpoint('a')?.report() ?? {}
    for (const known of [msPerToken, serviceMs, silentMs, firstTokenMs]) equal(known !== undefined, isKnown)
  }
})

test('one that is gone is told neither down nor up', async () => {
  const news: string[] = []
  const world = new World([endpoint('a')], { onHealth: ({ kind }) => news.push(kind) })
  const lease = await world.scheduler.acquire(chat(), world.call())
  world.scheduler.update([])
  lease.end({ kind: 'failed', failure: failure('key') })
  deepEqual(news, [])
})

test('one that is shut, taken away and brought back while an order runs there is asked for, and told to be back', async () => {
  for (const [change, toldAtOnce] of [
    [{}, false],
    [{ url: 'http://127.0.0.1:10' }, true],
  ] as const) {
    const news: string[] = []
    const world = new World([endpoint('a')], {
      panic: 1,
      onHealth: (one) => news.push(one.kind),
      onProbeWanted: (name) => world.scheduler.endpoint(name)?.probed(true),
    })
    const running = await world.scheduler.acquire(chat(), world.call())
    const refused = await world.scheduler.acquire(chat(), world.call())
    refused.end({ kind: 'failed', failure: failure('key') })
    world.scheduler.update([])
    await world.clock.run(5_000)
    deepEqual(news, ['down'])
    world.scheduler.update([endpoint('a', change)])
    deepEqual(news, toldAtOnce ? ['down', 'up'] : ['down'])
    const next = world.scheduler.acquire(chat(), world.call(10_000))
    await world.clock.run(6_000)
    const lease = await next
    lease.begun()
    lease.end({ kind: 'done' })
    deepEqual(news, ['down', 'up'])
    running.end({ kind: 'cancelled' })
    deepEqual(world.scheduler.state().inFlight, 0)
  }
})

test('one that became well while it was taken away is told to be back when it is, and may fall again', async () => {
  const news: string[] = []
  const world = new World([endpoint('a')], {
    onHealth: (one) => news.push(one.kind),
    onProbeWanted: (name) => world.scheduler.endpoint(name)?.probed(true),
  })
  const place = (): Promise<Lease> => world.scheduler.acquire(chat(), world.call(10_000))
  const refused = await place()
  refused.end({ kind: 'failed', failure: failure('key') })
  await world.clock.run(1_000)
  const trying = await place()
  world.scheduler.update([])
  trying.begun()
  deepEqual(news, ['down'])
  world.scheduler.update([endpoint('a')])
  deepEqual(news, ['down', 'up'])
  trying.end({ kind: 'failed', failure: failure('key') })
  deepEqual(news, ['down', 'up', 'down'])
})

test('with somebody who asks for health, no order is sent to one that is shut until the answer is good', async () => {
  const asked: number[] = []
  let well = false
  const world = new World(three, {
    onProbeWanted: (name) => {
      asked.push(world.clock.elapsed)
      world.scheduler.endpoint(name)?.probed(well)
    },
  })
  const down = new Set(['a'])
  const seen = new Map<string, number>()
  const send = faulty(world, down, seen)
  for (let n = 0; n < 400; n++) world.at(n * 10, () => void send())
  await world.clock.run(2_000)
  equal(seen.get('a'), 3)
  ok(asked.length >= 2)
  well = true
  down.clear()
  await world.clock.run(3_000)
  equal(world.scheduler.endpoint('a')?.report().breaker, 'closed')
  await world.clock.run()
  const gaps = asked.slice(1).map((at, index) => at - (asked[index] ?? 0))
  ok(Math.max(...gaps) < 1_000)
})

test('one that hangs is shut at its first silence when nothing was heard from it since, and not when it only was late once', async () => {
  const world = new World(three)
  const hung = await world.scheduler.acquire(chat(), world.call())
  await world.clock.run(400)
  hung.end({ kind: 'failed', failure: failure('silent') })
  equal(world.scheduler.endpoint(hung.endpoint.name)?.report().breaker, 'open')
  const lone = new World([endpoint('a')])
  const late = await lone.scheduler.acquire(chat(), lone.call())
  const busy = await lone.scheduler.acquire(chat(), lone.call())
  await lone.clock.run(100)
  busy.begun()
  late.end({ kind: 'failed', failure: failure('silent') })
  equal(lone.scheduler.endpoint('a')?.report().breaker, 'closed')
})

test('when more than half are shut they are used again, for nobody knows better', async () => {
  const world = new World(three)
  const tried = new Set<string>()
  for (const { name } of three)
    for (let n = 0; n < 3; n++) {
      const others = new Set(three.map((one) => one.name).filter((one) => one !== name))
      const lease = await world.scheduler.acquire(chat(), world.call(), others)
      tried.add(lease.endpoint.name)
      lease.end({ kind: 'failed', failure: failure('failed') })
    }
  equal(tried.size, 3)
  ok(world.scheduler.state().endpoints.every(({ breaker }) => breaker === 'open'))
  const lease = await world.scheduler.acquire(chat(), world.call())
  lease.begun()
  equal(world.scheduler.endpoint(lease.endpoint.name)?.report().breaker, 'closed')
})

test('a breaker lets exactly one order try, doubles its wait when that fails, and what was sent before says nothing new', () => {
  const breaker = new Breaker({ random: () => 0.5 })
  for (const n of [1, 2, 3]) equal(breaker.failed(n, false), n === 3)
  equal(breaker.until, 3 + 250)
  breaker.failed(200, false)
  equal(breaker.until, 3 + 250)
  equal(breaker.allows(252), false)
  equal(breaker.allows(253), true)
  equal(breaker.began(), true)
  equal(breaker.allows(254), false)
  equal(breaker.lives(1, false), false, 'an answer to what was sent before it shut')
  breaker.failed(300, true)
  equal(breaker.until, 300 + 500)
  equal(breaker.allows(800), true)
  equal(breaker.began(), true)
  breaker.released(true)
  equal(breaker.allows(801), true, 'a try that was cancelled leaves the way to the next')
  equal(breaker.began(), true)
  equal(breaker.lives(801, true), true)
  equal(breaker.state, 'closed')
  breaker.failed(900, false)
  equal(breaker.state, 'open', 'after it came back, one failure is enough until an answer was whole')
})

test('a first-token limit is generous before it knows, four times the usual after, never under 300 ms', () => {
  const limit = new FirstTokenLimit()
  equal(limit.limit(undefined, 0), 60_000)
  for (let n = 0; n < 50; n++) limit.learn(10)
  equal(limit.limit(undefined, 0), 300)
  equal(Math.round(limit.limit(undefined, 1_000) / 4), 10 + 1_000)
  equal(limit.limit(1_234, 0), 1_234)
  equal(limit.limit(undefined, 0, 700), 300 + 700, 'the prompts before it are read')
  equal(limit.limit(undefined, 0, 60_000), 300 + 5_000, 'but who hangs reads none of them')
  const slow = new FirstTokenLimit()
  for (let n = 0; n < 50; n++) slow.learn(50_000)
  equal(slow.limit(undefined, 0), 60_000)
})

test('in a storm of 429 nothing is sent before Retry-After is over, then one, then the rest', async () => {
  const world = new World([endpoint('a', { maxConcurrent: 8 }), endpoint('b', { maxConcurrent: 8 })])
  const sentAt = new Map<string, number[]>([
    ['a', []],
    ['b', []],
  ])
  let storming = true
  const until = new Map<string, number>()
  let inside = 0
  const send = async (): Promise<boolean> => {
    for (;;) {
      using lease = await world.scheduler.acquire(chat(), world.call(20_000))
      const { name } = lease.endpoint
      const now = world.clock.elapsed
      sentAt.get(name)?.push(now)
      if (now < (until.get(name) ?? 0)) inside++
      await world.sleep(5)
      if (storming) {
        // Those of the first wave were sent before anybody knew.
        until.set(name, Math.max(until.get(name) ?? 0, world.clock.elapsed + 2_000))
        lease.end({ kind: 'failed', failure: failure('busy', 2_000) })
        continue
      }
      lease.begun()
      lease.end({ kind: 'done' })
      return true
    }
  }
  const results = Array.from({ length: 40 }, () => send())
  world.at(4_500, () => (storming = false))
  await world.clock.run()
  ok((await Promise.all(results)).every(Boolean))
  equal(inside, 0)
  for (const times of sentAt.values()) {
    const second = times.filter((at) => at > 1_000 && at < 3_000)
    equal(second.length, 1, 'after the rest one order tries, and meets the storm')
  }
})

test('all that are cooling are waited for; who has not so much time is told at once when to come back', async () => {
  const world = new World([endpoint('a'), endpoint('b')])
  let last = ''
  for (const ms of [3_000, 2_000]) {
    const lease = await world.scheduler.acquire(chat(), world.call())
    last = lease.endpoint.name
    lease.end({ kind: 'failed', failure: failure('busy', ms) })
  }
  await rejects(world.scheduler.acquire(chat(), world.call(1_000)), (error: unknown) => {
    ok(error instanceof AndonError)
    equal(error.code, 'overloaded')
    equal(error.retryAfterMs, 2_000)
    return true
  })
  const waits = world.scheduler.acquire(chat(), world.call(10_000))
  await world.clock.run(1_999)
  equal(world.scheduler.state().waiting, 1)
  await world.clock.run(2_001)
  equal((await waits).endpoint.name, last)
})

test('a hidden capacity of 16 under a limit of 64 is found and kept, with less than 2 % refused', async () => {
  const world = new World([endpoint('a', { maxConcurrent: 64, protocol: 'openai' })], { seed: 3 })
  let upstream = 0
  let sent = 0
  let refused = 0
  let counting = false
  const limits: number[] = []
  const send = async (): Promise<void> => {
    for (;;) {
      using lease = await world.scheduler.acquire(chat(), world.call())
      if (counting) sent++
      if (upstream >= 16) {
        if (counting) refused++
        await world.sleep(2)
        lease.end({ kind: 'failed', failure: failure('busy') })
        continue
      }
      upstream++
      await world.sleep(60 + 80 * world.random())
      upstream--
      lease.begun()
      lease.end({ kind: 'done' })
      return
    }
  }
  const worker = async (): Promise<void> => {
    while (world.clock.elapsed < 40_000) await send()
  }
  for (let n = 0; n < 100; n++) void worker()
  world.at(10_000, () => (counting = true))
  for (let at = 10_000; at < 40_000; at += 100)
    world.at(at, () => limits.push(world.scheduler.state().endpoints[0]?.limit ?? 0))
  await world.clock.run()
  ok(
    quantile(limits, 0.02) >= 14 && quantile(limits, 0.98) <= 20,
    `${quantile(limits, 0.02)} to ${quantile(limits, 0.98)}`,
  )
  ok(refused / sent < 0.02, `${refused} of ${sent} were refused`)
  ok(sent > 0.9 * 30 * 160, `${sent} were sent`)
})

test('first tokens that come later and later take places away, and give them back', async () => {
  const world = new World([endpoint('a', { maxConcurrent: 64, protocol: 'vllm' })], { seed: 4 })
  // A server that is at its best with 12 at once: more only wait inside it.
  let upstream = 0
  const send = async (): Promise<void> => {
    using lease = await world.scheduler.acquire(chat(), world.call())
    upstream++
    await world.sleep(50 + Math.max(0, upstream - 12) * 40)
    lease.begun()
    await world.sleep(150)
    lease.progress(20)
    await world.sleep(50)
    upstream--
    lease.end({ kind: 'done', outputTokens: 20 })
  }
  const worker = async (fromMs: number, toMs: number): Promise<void> => {
    await world.sleep(fromMs)
    while (world.clock.elapsed < toMs) await send()
  }
  for (let n = 0; n < 8; n++) void worker(0, 10_000)
  for (let n = 0; n < 60; n++) void worker(10_000, 40_000)
  await world.clock.run(39_000)
  const limit = world.scheduler.state().endpoints[0]?.limit ?? 0
  ok(limit < 40 && limit >= 8, `the limit is ${limit}`)
  await world.clock.run()
})

test('no sixty seconds hold more requests than the owner allows, and who waits goes as soon as one may', async () => {
  const world = new World([endpoint('a', { limits: { requestsPerMinute: 30 }, maxConcurrent: 100 })])
  const at: number[] = []
  for (let n = 0; n < 90; n++)
    void world.send(chat(), async (lease) => {
      at.push(world.clock.elapsed)
      lease.end({ kind: 'done' })
    })
  await world.clock.run()
  equal(at.length, 90)
  for (const from of at) ok(at.filter((time) => time >= from && time < from + 60_000).length <= 30)
  ok((at.at(-1) ?? 0) < 125_000)
})

test('tokens of a minute are corrected by what it really was', () => {
  const rate = new RateLimit(1_000)
  rate.count(500, 900)
  equal(rate.readyAt(600, 200), 61_000)
  rate.count(700, -500)
  equal(rate.readyAt(800, 200), 800)
  equal(rate.used(30_000), 400)
  equal(rate.used(61_500), 0)
  equal(rate.readyAt(62_000, 5_000), 62_000, 'more than the limit goes alone')
})

test('of two ends of a rest the later holds', () => {
  const cooling = new Cooling()
  cooling.busy(0, false, 5, 10_000)
  cooling.busy(10, false, 5, 1_000)
  equal(cooling.until, 10_000)
  cooling.busy(20, false, 5, 20_000)
  equal(cooling.until, 20_020)
})
