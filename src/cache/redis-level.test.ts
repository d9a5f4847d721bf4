// Two caches with connections of their own, as two processes have them, on one real Redis; and what Redis can do wrong.

import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { suite, test } from 'node:test'
import { createClient } from '@redis/client'
import { noRedis, startRedis, type RedisServer } from '../../test/servers/redis.ts'
import { cached } from './cache.ts'
import { cachedBatch } from './cached-batch.ts'
import { float32 } from './codecs.ts'
import type { CacheOptions } from './options.ts'
import { redisLevel, type RedisLevelOptions } from './redis-level.ts'
import { ring } from './ring.ts'

type Some = Partial<CacheOptions<[string], string>>

/** A cache with its own connection; its answers say how often its function ran. */
function member(redis: RedisServer, options: Some = {}, level: RedisLevelOptions = {}) {
  const l2 = redisLevel({ url: redis.url, timeoutMs: 1_000, ...level })
  let runs = 0
  const f = cached(async (text: string) => `${text} ${++runs} ${process.pid}`.slice(0, text.length + 2), {
    name: 'f',
    l2,
    ...options,
  })
  return Object.assign(f, { l2, [Symbol.asyncDispose]: () => l2[Symbol.asyncDispose]() })
}

/** The connection by which a test does to Redis what it should not. */
async function spoiler(redis: RedisServer) {
  const client = createClient({ url: redis.url })
  client.on('error', () => {})
  await client.connect()
  return Object.assign(client, { [Symbol.dispose]: () => client.destroy() })
}

async function until(true_: () => boolean): Promise<void> {
  while (!true_()) await new Promise((resolve) => setImmediate(resolve))
}

suite('a level in Redis', { skip: noRedis, concurrency: false }, () => {
  test('what one has made the other finds, packed where that is worth it', async () => {
    await using redis = await startRedis()
    await using a = member(redis)
    await using b = member(redis)
    const long = 'words '.repeat(2_000)
    for (const text of ['x', long]) equal(await a(text), await b(text))
    deepEqual([b.stats().executions, b.stats().levelHits], [0, 2])
    equal(b.peek('x'), 'x 1')
    using client = await spoiler(redis)
    const sizes = await Promise.all((await client.keys('andon:{f:*')).map((key) => client.strLen(key)))
    ok(Math.max(...sizes) < 1_000)
  })

  test('without connection everything is answered, and Redis is used when it comes', async () => {
    const gone = await startRedis()
    await gone.kill()
    await using a = member(gone, {}, { timeoutMs: 200 })
    deepEqual([await a('x'), await a('x'), await a('y')], ['x 1', 'x 1', 'y 2'])
    equal(a.stats().executions, 2)
    ok(a.stats().levelSkipped > 0)
    await using _back = await startRedis({ port: gone.port })
    await until(() => a.l2.up)
    equal(await a('z'), 'z 3')
    equal((await a.l2.getMany([])).length, 0)
    await using b = member(gone)
    equal(await b('z'), 'z 3')
    equal(b.stats().levelHits, 1)
  })

  test('Redis that hangs costs its deadline once, and is used again when it goes on', async () => {
    await using redis = await startRedis()
    await using a = member(redis, {}, { timeoutMs: 50, probeMs: 20 })
    await a('x')
    process.kill(redis.pid, 'SIGSTOP')
    const answers = await Promise.all([a('y'), a('z')])
    deepEqual(answers.toSorted(), ['y 2', 'z 3'])
    const { levelTimeouts } = a.stats()
    equal(levelTimeouts, 2)
    equal(await a('u'), 'u 4')
    equal(a.stats().levelTimeouts, levelTimeouts)
    process.kill(redis.pid, 'SIGCONT')
    await until(() => a.l2.up)
    const { stored } = a.stats()
    await a('v')
    equal(a.stats().stored, stored + 1)
  })

  test('a full Redis is counted, and nobody hears of it', async () => {
    await using redis = await startRedis({ args: ['--maxmemory', '1', '--maxmemory-policy', 'noeviction'] })
    await using a = member(redis)
    equal(await a('x'), 'x 1')
    equal(a.peek('x'), 'x 1')
    ok(a.stats().levelErrors > 0)
  })

  test('garbage, a cut, another version and another codec are misses, deleted and counted', async () => {
    await using redis = await startRedis()
    using client = await spoiler(redis)
    await using a = member(redis)
    await a('x')
    const [key = ''] = await client.keys('andon:{f:*')
    const entry = await client.sendCommand<Buffer>(['GET', key], { typeMapping: { 36: Buffer } })
    const older = Buffer.from(entry)
    older[2] = 0
    for (const spoilt of [Buffer.from('garbage'), Buffer.alloc(0), entry.subarray(0, -1), older]) {
      await client.set(key, spoilt)
      await using b = member(redis)
      equal(await b('x'), 'x 1')
      deepEqual([b.stats().executions, b.stats().garbage > 0], [1, true])
    }
    const vectors = redisLevel({ url: redis.url, timeoutMs: 1_000 })
    await using _ = vectors
    const f = cached((_text: string) => Float32Array.of(1, 2), { name: 'f', l2: vectors, codec: float32(2) })
    deepEqual(await f('x'), Float32Array.of(1, 2))
    equal(f.stats().garbage > 0, true)
    await client.del(key)
    await client.lPush(key, 'a list')
    await using c = member(redis)
    equal(await c('x'), 'x 1')
  })

  test('an invalidated tag is gone everywhere, though hits come in a tight loop', async () => {
    await using redis = await startRedis()
    const options: Some = { tags: (value) => [`doc:${value.slice(0, 1)}`] }
    await using a = member(redis, options)
    await using b = member(redis, options)
    for (const text of ['x', 'y']) equal(await a(text), await b(text))
    await a.invalidate({ tags: ['doc:x'] })
    equal(a.peek('x'), undefined)
    equal(a.peek('y'), 'y 2')
    while ((await b('x')) === 'x 1' && b.stats().executions === 0);
    equal(b.stats().executions, 1)
    equal(b.peek('y'), 'y 2')
    // A third, which had nothing in memory, does not find the old value either.
    await using c = member(redis, options)
    await c('x')
    await c('y')
    deepEqual([c.stats().levelHits, c.stats().executions], [2, 0])
    await a.clear()
    await using d = member(redis, options)
    await d('y')
    equal(d.stats().executions, 1)
  })

  test('forgetting reaches the other memory, and whoever is making it does not store it', async () => {
    await using redis = await startRedis()
    await using b = member(redis)
    await using l2 = redisLevel({ url: redis.url, timeoutMs: 1_000 })
    const gate = Promise.withResolvers<void>()
    const began = Promise.withResolvers<void>()
    const a = cached(
      async (_question: string) => {
        began.resolve()
        await gate.promise
        return 'old'
      },
      { name: 'f', l2 },
    )
    const call = a('x')
    await began.promise
    await b.forget('x')
    gate.resolve()
    equal(await call, 'old')
    equal(await b('x'), 'x 1')
    equal(a.stats().stored, 0)
    await b.l2.forget(`nothing`)
  })

  test('a tag that was invalidated while a value was made keeps it from the level', async () => {
    await using redis = await startRedis()
    await using a = redisLevel({ url: redis.url, timeoutMs: 1_000 })
    await using b = redisLevel({ url: redis.url, timeoutMs: 1_000 })
    const led = await a.lead('k', 't', 1_000)
    ok(led.kind === 'lead')
    ok(await a.generations('k', ['doc'], led.startedAt))
    await b.invalidate(['doc'])
    equal(await a.generations('k', ['doc'], led.startedAt), undefined)
  })

  test('one lease at a time; only its holder renews and commits; a value that does not do is led past', async () => {
    await using redis = await startRedis()
    await using a = redisLevel({ url: redis.url, timeoutMs: 1_000 })
    const value = Buffer.from('value')
    equal((await a.lead('k', 'one', 5_000)).kind, 'lead')
    const waits = await a.lead('k', 'two', 5_000)
    ok(waits.kind === 'wait' && waits.leaseMs > 4_000)
    equal(await a.awaited('k'), true)
    deepEqual([await a.renew('k', 'two', 5_000), await a.commit('k', 'two', value, 1_000)], [false, false])
    deepEqual([await a.renew('k', 'one', 5_000), await a.commit('k', 'one', value, 1_000)], [true, true])
    equal((await a.lead('k', 'three', 5_000)).kind, 'value')
    equal((await a.lead('k', 'three', 5_000, Buffer.from('val'))).kind, 'lead')
    await a.release('k', 'three')
    equal((await a.lead('k', 'four', 5_000, value)).kind, 'lead')
  })

  test('a stale value is made again by one of two, and both have the new one', async () => {
    await using redis = await startRedis()
    const options: Some = { ttl: 30, jitter: 0, stale: { grace: '1h' }, l1: false }
    await using a = member(redis, options)
    await using b = member(redis, options)
    await a('x')
    await new Promise((resolve) => setTimeout(resolve, 40))
    await Promise.all([a('x'), b('x')])
    equal(a.stats().executions + b.stats().executions, 2)
  })

  test('what is read in one turn is few commands, large values go by fewer, and one that is no text costs no other', async () => {
    await using redis = await startRedis()
    using client = await spoiler(redis)
    await using l2 = redisLevel({ url: redis.url, timeoutMs: 1_000 })
    /** Reads all at once; how many commands it took. */
    const read = async (keys: string[], values: (Buffer | undefined)[]): Promise<number> => {
      await client.configResetStat()
      deepEqual(await Promise.all(keys.map((key) => l2.get(key))), values)
      return Number(/cmdstat_mget:calls=(\d+)/u.exec(await client.info('commandstats'))?.[1])
    }
    const keys = Array.from({ length: 100 }, (_, at) => `key ${at}`)
    const values = keys.map((key) => Buffer.from(key))
    await Promise.all(keys.map((key, at) => l2.set(key, values[at] ?? Buffer.alloc(0), 60_000)))
    ok((await read(keys, values)) < 10)
    equal(await read(keys, values), 2)

    const large = Buffer.alloc(200_000)
    const three = ['large 1', 'large 2', 'large 3']
    for (const key of three) await l2.set(key, large, 60_000)
    for (let at = 0; at < 50; at++) await l2.get('large 1')
    equal(await read(three, [large, large, large]), 3)

    await client.del('andon:{key 3}')
    await client.lPush('andon:{key 3}', 'no text')
    await read(['key 2', 'key 3', 'key 4'], [values[2], undefined, values[4]])
  })

  test('a value whose lease was lost is given and nowhere kept', async () => {
    await using redis = await startRedis()
    using client = await spoiler(redis)
    await using l2 = redisLevel({ url: redis.url, timeoutMs: 1_000 })
    const f = cached(
      async (text: string) => {
        equal(await client.del(await client.keys('andon:{f:*}:l')), 1)
        return text
      },
      { name: 'f', l2 },
    )
    equal(await f('x'), 'x')
    const { lostLeases, stored, notStored, size } = f.stats()
    deepEqual({ lostLeases, stored, notStored, size }, { lostLeases: 1, stored: 0, notStored: 0, size: 0 })
  })

  test('a large value is kept by whoever holds the lease alone, and leaves no draft behind', async () => {
    await using redis = await startRedis()
    using client = await spoiler(redis)
    await using l2 = redisLevel({ url: redis.url, timeoutMs: 1_000 })
    const large = Buffer.alloc(200_000, 'a')
    equal((await l2.lead('k', 'first', 60_000)).kind, 'lead')
    equal(await l2.commit('k', 'second', Buffer.alloc(200_000, 'b'), 60_000), false)
    equal((await l2.lead('k', 'second', 60_000)).kind, 'wait')
    equal(await l2.commit('k', 'first', large, 60_000), true)
    deepEqual(await l2.get('k'), large)
    ok((await client.pTTL('andon:{k}')) > 50_000)
    equal((await l2.lead('other', 'third', 60_000)).kind, 'lead')
    await client.configSet('maxmemory', '1')
    await rejects(l2.commit('other', 'third', large, 60_000), /OOM/)
    await client.configSet('maxmemory', '0')
    // The lease has ended all the same: nobody waits for who cannot store.
    equal((await l2.lead('other', 'fourth', 60_000)).kind, 'lead')
    deepEqual((await client.keys('*')).toSorted(), ['andon:{k}', 'andon:{other}:l', 'andon:{k}:w'].toSorted())
  })

  test('a batch reads the level at once and makes only what nobody has', async () => {
    await using redis = await startRedis()
    await using one = redisLevel({ url: redis.url, timeoutMs: 1_000 })
    await using two = redisLevel({ url: redis.url, timeoutMs: 1_000 })
    const asked: (readonly string[])[] = []
    const embed = async (texts: readonly string[]): Promise<Float32Array[]> => {
      asked.push(texts)
      await new Promise((resolve) => setTimeout(resolve, 20))
      return texts.map((text) => Float32Array.of(text.length))
    }
    const a = cachedBatch(embed, { name: 'e', l2: one, codec: float32(1) })
    const b = cachedBatch(embed, { name: 'e', l2: two, codec: float32(1) })
    await a(['a', 'bb'])
    deepEqual(
      await b(['bb', 'ccc', 'a']),
      [2, 3, 1].map((length) => Float32Array.of(length)),
    )
    deepEqual(asked, [['a', 'bb'], ['ccc']])
    // Both at once: each input is made by one of them.
    await Promise.all([a(['dddd', 'eeeee']), b(['eeeee', 'dddd'])])
    deepEqual(asked.slice(2).flat().toSorted(), ['dddd', 'eeeee'])
  })

  test('the work goes on for another process when the callers here have left', async () => {
    await using redis = await startRedis()
    await using l2 = redisLevel({ url: redis.url, timeoutMs: 1_000 })
    await using b = member(redis)
    const gate = Promise.withResolvers<void>()
    const began = Promise.withResolvers<AbortSignal>()
    const a = cached(
      async (_: string, signal: AbortSignal) => {
        began.resolve(signal)
        await gate.promise
        return 'from a'
      },
      { name: 'f', l2 },
    )
    const leaving = new AbortController()
    const left = a('x', leaving.signal)
    const signal = await began.promise
    const there = b('x')
    await until(() => b.stats().waits === 1)
    leaving.abort()
    await rejects(left, { code: 'cancelled' })
    await l2.get('anything')
    equal(signal.aborted, false)
    gate.resolve()
    equal(await there, 'from a')
  })

  test('several nodes share the keys, and one that dies costs only its own', async () => {
    await using one = await startRedis()
    await using two = await startRedis()
    const open = (timeoutMs = 1_000) =>
      ring([
        { name: 'one', level: redisLevel({ url: one.url, timeoutMs }) },
        { name: 'two', level: redisLevel({ url: two.url, timeoutMs }) },
      ])
    await using l2 = open()
    await using other = open()
    const f = cached((text: string) => text, { name: 'f', l2, tags: (text) => [text] })
    const g = cached((text: string) => text, { name: 'f', l2: other, tags: (text) => [text] })
    const texts = Array.from({ length: 40 }, (_, at) => `text ${at}`)
    for (const text of texts) await f(text)
    for (const text of texts) await g(text)
    equal(g.stats().levelHits, 40)
    await f.invalidate({ tags: ['text 1', 'text 2'] })
    await two.kill()
    await using third = open(200)
    const h = cached((text: string) => text, { name: 'f', l2: third, tags: (text) => [text] })
    for (const text of texts) equal(await h(text), text)
    ok(h.stats().levelHits > 5 && h.stats().levelHits < 35)
    await rejects(f.invalidate({ tags: ['text 3'] }), { code: 'unavailable' })
  })

  test('in a Redis Cluster value, lease and stream of a key lie in one slot', async () => {
    await using redis = await startRedis({
      args: [
        '--cluster-enabled',
        'yes',
        '--cluster-config-file',
        `nodes-${process.pid}.conf`,
        '--cluster-announce-ip',
        '127.0.0.1',
      ],
    })
    using client = await spoiler(redis)
    await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383'])
    while (!(await client.sendCommand<string>(['CLUSTER', 'INFO'])).includes('cluster_state:ok'));
    await using a = member(redis, { tags: (value) => [value] }, { cluster: true })
    await using b = member(redis, { tags: (value) => [value] }, { cluster: true })
    equal(await a('x'), await b('x'))
    equal(b.stats().levelHits, 1)
    await a.invalidate({ tags: ['x 1'] })
    await until(() => b.peek('x') === undefined)
    const { token, key } = { token: 't', key: 'stream' }
    await a.l2.lead(key, token, 1_000)
    equal(await a.l2.append(key, token, [Buffer.from('1')], 'begin'), true)
    deepEqual((await b.l2.read(key, '')).items, [undefined, Buffer.from('1')])
    deepEqual(await a.l2.getMany(['a', 'b', 'c']), [undefined, undefined, undefined])
    // Who hears nothing for a while may miss news: when it hears again, what has a tag no longer counts.
    await b('y')
    ok(b.peek('y'))
    await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub'])
    await until(() => b.peek('y') === undefined)
  })
})
