// Which endpoint is chosen: prompts that are known there, regions, gauges; in simulated time.

import { deepEqual, equal, ok } from 'node:assert/strict'
import test from 'node:test'
import type { Lease } from './order.ts'
import { blockCharacters, PrefixMemory, prefixOf } from './prefix.ts'
import { seeded } from '../core/random.ts'
import { chat, endpoint, failure, quantile, World } from './simulation.ts'

function scatter(value: number): number {
  let hash = 2166136261 ^ value
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b)
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b)
  return (hash ^ (hash >>> 16)) >>> 0
}

/**
 * Eight endpoints that read one prompt after the other at 0.15 ms per token and keep the 40 beginnings used last; 200
 * beginnings of 2,000 to 8,000 tokens, asked for by Zipf's law, each with 200 to 600 tokens of its own behind.
 */
async function shared(policy: 'hash' | 'ours', perSecond: number, count: number, seed: number) {
  const random = seeded(seed)
  const weights: number[] = []
  let sum = 0
  for (let n = 1; n <= 200; n++) weights.push((sum += 1 / n))
  const lengths = weights.map((_, group) => 2_000 + (scatter(group) % 6_000))
  const chains = lengths.map((tokens, group) =>
    Array.from({ length: Math.floor(tokens / 128) }, (_, block) => scatter(group * 1_009 + block * 31 + 7) >>> 1),
  )
  const servers = Array.from({ length: 8 }, (_, n) => ({ name: `e${n}`, free: 0, served: 0, cache: new Set<number>() }))
  const ring = servers
    .flatMap((server, n) =>
      Array.from({ length: 100 }, (_, v) => ({ at: scatter(n * 1_000_003 + v * 7_919 + 17), server })),
    )
    .sort((a, b) => a.at - b.at)
  const world = new World(
    servers.map(({ name }) => endpoint(name, { maxConcurrent: 1_000, adaptive: false })),
    { seed, prefixBlocks: 1_700 },
  )
  const took: number[] = []
  let hits = 0
  const one = async (n: number): Promise<void> => {
    const pick = random() * sum
    const group = weights.findIndex((weight) => weight >= pick)
    const own = 200 + Math.floor(random() * 400)
    const begin = lengths[group] ?? 0
    let lease: Lease | undefined
    let server = ring.find(({ at }) => at >= scatter(group * 31 + 7))?.server ?? ring[0]?.server
    if (policy === 'ours') {
      const tail = Array.from({ length: Math.floor(own / 128) }, (_, block) => scatter(n * 7_919 + block) >>> 1)
      const prefix = [...(chains[group] ?? []), ...tail]
      lease = await world.scheduler.acquire(chat({ promptTokens: begin + own, prefix }), world.call())
      server = servers.find(({ name }) => name === lease?.endpoint.name)
    }
    if (server === undefined) return
    const hit = server.cache.delete(group)
    if (hit) hits++
    server.cache.add(group)
    for (const oldest of server.cache) {
      if (server.cache.size <= 40) break
      server.cache.delete(oldest)
    }
    const now = world.clock.elapsed
    server.free = Math.max(now, server.free) + (own + (hit ? 0 : begin)) * 0.15
    server.served++
    took.push(server.free - now)
    await world.sleep(server.free - now)
    lease?.begun()
    lease?.end({ kind: 'done', outputTokens: 1 })
  }
  let sent = 0
  const next = (): void => {
    if (sent++ >= count) return
    void one(sent)
    world.clock.setTimer((-Math.log(random() || 1e-9) / perSecond) * 1_000, next)
  }
  next()
  await world.clock.run()
  return {
    hits: hits / count,
    uneven: Math.max(...servers.map(({ served }) => served)) / (count / 8),
    p50: quantile(took, 0.5),
  }
}

test('prompts go where their beginning is cached, as often as by hashing, and the load stays even', async () => {
  for (const seed of [1, 4]) {
    const hash = await shared('hash', 40, 20_000, seed)
    const ours = await shared('ours', 40, 20_000, seed)
    ok(ours.hits >= 0.95 * hash.hits, `${ours.hits} of the prompts hit, ${hash.hits} by hashing`)
    ok(ours.uneven <= 1.3, `the busiest has ${ours.uneven} times the mean, by hashing ${hash.uneven}`)
    ok(ours.p50 < hash.p50)
  }
})

test('prompts share as many hashes as they have whole blocks in common, as text and as bytes', () => {
  const begin = 'The same instructions for everybody. '.repeat(60)
  const a = prefixOf(`${begin}${'a'.repeat(2_000)}`)
  const b = prefixOf(`${begin}${'b'.repeat(2_000)}`)
  const common = Math.floor(begin.length / blockCharacters)
  deepEqual(a.slice(0, common), b.slice(0, common))
  ok(a.slice(common).every((hash, at) => hash !== b[common + at]))
  deepEqual(prefixOf(new TextEncoder().encode(`${begin}${'a'.repeat(2_000)}`)), a)
  deepEqual(prefixOf('short'), [])
  ok(prefixOf('x'.repeat(10_000_000)).length <= 1_024)
})

test('the memory of beginnings is bounded, forgets ends before what they stand on, and believes the server', () => {
  const memory = new PrefixMemory(10)
  memory.sent([1, 2, 3, 4])
  equal(memory.known([1, 2, 3, 9]), 3)
  memory.sent([11, 12, 13, 14, 15, 16, 17, 18])
  equal(memory.size, 10)
  equal(memory.known([1, 2, 3, 4]), 2)
  ok(memory.uncached([11, 12, 13, 14, 15, 16, 17, 18], 850) <= 51)
  for (let n = 0; n < 200; n++) memory.learn(800, 0)
  ok(memory.uncached([11, 12, 13, 14, 15, 16, 17, 18], 850) > 840)
})

test('orders go to another region only when the local wait is longer than the way', async () => {
  const world = new World(
    [
      endpoint('here', { region: 'eu', maxConcurrent: 8, adaptive: false }),
      endpoint('there', { region: 'us', maxConcurrent: 64, adaptive: false }),
    ],
    { penalties: { eu: { us: 200 } }, seed: 9 },
  )
  // Places for 80 a second here; each order takes 100 ms.
  const serve = async (lease: Lease): Promise<void> => {
    await world.sleep(100)
    lease.begun()
    lease.end({ kind: 'done' })
  }
  const order = () => ({ order: chat({ region: 'eu' }) })
  world.poisson(60, 0, 20_000, order, serve)
  await world.clock.run(21_000)
  equal(world.fates.filter((fate) => fate.endpoint === 'there').length, 0, 'below capacity nobody leaves')
  world.fates.length = 0
  world.poisson(160, 21_000, 41_000, order, serve)
  await world.clock.run()
  const left = world.fates.filter((fate) => fate.endpoint === 'there').length / world.fates.length
  ok(left > 0.35 && left < 0.6, `half of them have no place here, ${left} left`)
  const waits = world.fates.filter((fate) => fate.endpoint === 'here').map(({ waitedMs }) => waitedMs)
  // Until somebody leaves, the wait grows to what the way costs, and not much beyond.
  ok(quantile(waits, 0.5) > 100 && quantile(waits, 0.99) < 300, `${quantile(waits, 0.5)}, ${quantile(waits, 0.99)}`)
  const foreign = await world.scheduler.acquire(chat({ region: 'us' }), world.call())
  equal(foreign.endpoint.name, 'there')
})

test('an endpoint that is down here is no reason to wait: the other region has the order', async () => {
  const world = new World([endpoint('here', { region: 'eu' }), endpoint('there', { region: 'us' })])
  const lease = await world.scheduler.acquire(chat({ region: 'eu' }), world.call())
  equal(lease.endpoint.name, 'here')
  lease.end({
    kind: 'failed',
    failure: failure('busy', 5_000),
  })
  equal((await world.scheduler.acquire(chat({ region: 'eu' }), world.call())).endpoint.name, 'there')
})

test('a server that says that requests wait in it, or that its cache is full, gets fewer', async () => {
  const world = new World([endpoint('a'), endpoint('b')])
  world.scheduler.endpoint('a')?.hinted({ running: 10, waiting: 5, kvUsage: 0.5 })
  for (let n = 0; n < 10; n++) equal((await world.scheduler.acquire(chat(), world.call())).endpoint.name, 'b')
  const full = new World([endpoint('a'), endpoint('b')])
  full.scheduler.endpoint('b')?.hinted({ running: 0, waiting: 0, kvUsage: 0.97 })
  equal((await full.scheduler.acquire(chat(), full.call())).endpoint.name, 'a')
})

test('a model whose endpoints are all slow is waited for; a free one that is much slower is taken when the line is long', async () => {
  const world = new World(
    [endpoint('fast', { maxConcurrent: 4, adaptive: false }), endpoint('slow', { maxConcurrent: 4, adaptive: false })],
    { seed: 2 },
  )
  const serve = async (lease: Lease): Promise<void> => {
    await world.sleep(lease.endpoint.name === 'slow' ? 2_000 : 100)
    lease.begun()
    lease.end({ kind: 'done' })
  }
  world.poisson(10, 0, 30_000, () => ({ order: chat() }), serve)
  await world.clock.run()
  world.fates.length = 0
  // Five at once: one waits a little for the fast one instead of two seconds at the slow one.
  for (let n = 0; n < 5; n++) void world.send(chat(), serve)
  await world.clock.run()
  ok(world.fates.every((fate) => fate.endpoint === 'fast'))
  world.fates.length = 0
  for (let n = 0; n < 300; n++) void world.send(chat(), serve)
  await world.clock.run()
  const slow = world.fates.filter((fate) => fate.endpoint === 'slow').length
  ok(slow >= 4 && slow <= 40, `${slow} of 300 went to the slow one`)
})
