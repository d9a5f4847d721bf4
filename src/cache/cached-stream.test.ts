import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import { suite, test } from 'node:test'
import { noRedis, startRedis } from '../../test/servers/redis.ts'
import { cachedStream } from './cached-stream.ts'
import { redisLevel } from './redis-level.ts'

/** A stream of numbers that counts its runs, and fails where told. */
function numbers(count: number, failAt = Infinity) {
  const seen = { runs: 0, said: 0, ended: 0 }
  async function* run(_question: string, signal?: AbortSignal): AsyncGenerator<number> {
    seen.runs++
    try {
      for (let at = 0; at < count; at++) {
        await turn()
        if (signal?.aborted) throw signal.reason
        if (at === failAt) throw new Error('broke')
        seen.said++
        yield at
      }
    } finally {
      seen.ended++
    }
  }
  return { run, seen }
}

const all = <Item>(stream: AsyncIterable<Item>): Promise<Item[]> => Array.fromAsync(stream)

test('a stream is made once; who joins late hears it from its beginning; then it is heard again', async () => {
  const { run, seen } = numbers(5)
  using f = cachedStream(run, { name: 's' })
  const first = f('q')
  equal((await first.next()).value, 0)
  deepEqual(await all(f('q')), [0, 1, 2, 3, 4])
  deepEqual(await all(first), [1, 2, 3, 4])
  deepEqual(await all(f('q')), [0, 1, 2, 3, 4])
  deepEqual(f.peek('q'), [0, 1, 2, 3, 4])
  equal(seen.runs, 1)
})

test('whoever comes at the very moment at which a stream ends hears one', async () => {
  using f = cachedStream(
    async function* run(_question: string) {
      await turn()
      yield 1
    },
    { name: 's', storeIf: () => false },
  )
  const first = f('q')
  await first.next()
  const late: Promise<number[]>[] = []
  const ended = all(first)
  // One in each step of the loop's present turn, among them those in which the stream ends.
  for (let step = 0; step < 40; step++) {
    late.push(all(f('q')))
    await Promise.resolve()
  }
  await ended
  for (const heard of await Promise.all(late)) deepEqual(heard, [1])
})

test('a stream that fails, is cut or is not wanted is never kept', async () => {
  const broken = numbers(5, 3)
  using f = cachedStream(broken.run, { name: 's' })
  for (const runs of [1, 2]) {
    await rejects(all(f('q')), /broke/u)
    equal(broken.seen.runs, runs)
  }
  const unwanted = numbers(5)
  using g = cachedStream(unwanted.run, { name: 's', storeIf: (last) => last === 5 })
  deepEqual(await all(g('q')), [0, 1, 2, 3, 4])
  equal(g.peek('q'), undefined)
  equal(g.stats().notStored, 1)
})

test('only the last reader that leaves ends the work, and what was cancelled is not kept', async () => {
  const { run, seen } = numbers(1_000_000)
  using f = cachedStream(run, { name: 's' })
  const [one, two] = [new AbortController(), new AbortController()]
  const readers = [one, two].map(({ signal }) => rejects(all(f('q', signal)), { code: 'cancelled' }))
  await turn()
  one.abort()
  await readers[0]
  equal(seen.ended, 0)
  two.abort()
  await readers[1]
  while (seen.ended === 0) await turn()
  equal(f.peek('q'), undefined)
  // A reader that stops reading has left, too.
  for await (const item of f('q')) if (item === 3) break
  while (seen.ended < 2) await turn()
  equal(seen.runs, 2)
})

test('a stream that is too large to keep is said to those who read it, as fast as they read', async () => {
  const { run, seen } = numbers(10_000)
  using f = cachedStream(run, { name: 's', maxValueBytes: 1_000 })
  const reader = f('q')
  equal((await reader.next()).value, 0)
  while (seen.said < 60) await turn()
  for (let at = 0; at < 100; at++) await turn()
  ok(seen.said < 70)
  const late = f('q')
  equal((await late.next()).value, 0)
  equal(seen.runs, 2)
  await late.return(undefined)
  equal((await all(reader)).length, 9_999)
  equal(f.peek('q'), undefined)
})

test('a stream that is renewed goes past what is kept and what is under way, and takes its place', async () => {
  let runs = 0
  using f = cachedStream(
    async function* run(_question: string) {
      const number = ++runs
      for (const word of ['said', 'again']) {
        await turn()
        yield `${word} ${number}`
      }
    },
    { name: 's' },
  )
  const under = f('q')
  deepEqual(await under.next(), { value: 'said 1', done: false })
  deepEqual(await all(f.renew('q')), ['said 2', 'again 2'])
  deepEqual(await all(under), ['again 1'])
  for await (const item of f.renew('q')) {
    equal(item, 'said 3')
    break
  }
  deepEqual(await all(f.renew('q')), ['said 4', 'again 4'])
  deepEqual(await all(f('q')), ['said 4', 'again 4'])
})

test('a kept stream can take as long as it took', async () => {
  const f = cachedStream(
    async function* run() {
      yield 'a'
      await pause(40)
      yield 'b'
    },
    { name: 's', replay: 'original-pacing' },
  )
  await all(f())
  const began = performance.now()
  deepEqual(await all(f()), ['a', 'b'])
  ok(performance.now() - began > 30)
})

suite('streams over Redis', { skip: noRedis, concurrency: false }, () => {
  test('another process finds a kept stream, and nothing of one that failed', async () => {
    await using redis = await startRedis()
    await using one = redisLevel({ url: redis.url, timeoutMs: 1_000 })
    await using two = redisLevel({ url: redis.url, timeoutMs: 1_000 })
    const [a, b] = [numbers(5), numbers(5)]
    deepEqual(await all(cachedStream(a.run, { name: 's', l2: one })('q')), [0, 1, 2, 3, 4])
    deepEqual(await all(cachedStream(b.run, { name: 's', l2: two })('q')), [0, 1, 2, 3, 4])
    equal(b.seen.runs, 0)
    const broken = numbers(5, 2)
    await rejects(all(cachedStream(broken.run, { name: 's', l2: one })('r')), /broke/u)
    deepEqual(await all(cachedStream(b.run, { name: 's', l2: two })('r')), [0, 1, 2, 3, 4])
    equal(b.seen.runs, 1)
  })

  test('a renewed stream is found by another process, also while a third makes the old one', async () => {
    await using server = await startRedis()
    await using a = redisLevel({ url: server.url })
    await using b = redisLevel({ url: server.url })
    const gate = Promise.withResolvers<void>()
    using slow = cachedStream(
      async function* run(_question: string) {
        yield 'old'
        await gate.promise
      },
      { name: 's', l2: a, l1: false },
    )
    using quick = cachedStream(
      async function* run(_question: string) {
        yield 'new'
      },
      { name: 's', l2: b, l1: false },
    )
    const under = slow('q')
    equal((await under.next()).value, 'old')
    deepEqual(await all(quick.renew('q')), ['new'])
    deepEqual(await all(quick('q')), ['new'])
    gate.resolve()
    deepEqual(await all(under), [])
    equal(quick.stats().stored, 1)
  })

  test('a second run that says something else fails for those who heard the first, and not for others', async () => {
    await using redis = await startRedis()
    await using one = redisLevel({ url: redis.url, timeoutMs: 1_000 })
    await using two = redisLevel({ url: redis.url, timeoutMs: 1_000 })
    const gate = Promise.withResolvers<void>()
    const a = cachedStream(
      async function* run(_question: string) {
        yield 'first'
        await gate.promise
        throw new Error('broke')
      },
      { name: 's', l2: one },
    )
    const b = cachedStream(
      async function* run(_question: string) {
        yield 'second'
      },
      { name: 's', l2: two },
    )
    const [leader, follower] = [a('q'), b('q')]
    equal((await leader.next()).value, 'first')
    equal((await follower.next()).value, 'first')
    gate.resolve()
    await rejects(all(leader), /broke/u)
    await rejects(all(follower), { code: 'unavailable' })
    deepEqual(await all(b('q')), ['second'])
  })

  test('without Redis in the middle of it, everybody still hears it to its end', async () => {
    await using redis = await startRedis()
    await using one = redisLevel({ url: redis.url, timeoutMs: 200 })
    await using two = redisLevel({ url: redis.url, timeoutMs: 200 })
    const gate = Promise.withResolvers<void>()
    const make = async function* run(_question: string) {
      yield 1
      await gate.promise
      yield 2
    }
    const [a, b] = [cachedStream(make, { name: 's', l2: one }), cachedStream(make, { name: 's', l2: two })]
    const [leader, follower] = [a('q'), b('q')]
    equal((await leader.next()).value, 1)
    equal((await follower.next()).value, 1)
    await redis.kill()
    gate.resolve()
    deepEqual([await all(leader), await all(follower)], [[2], [2]])
  })
})
