import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { noRedis, startRedis } from '../test/servers/redis.ts'
import { cached } from './cache/cache.ts'
import { openCaching, type Caching } from './caching.ts'
import { parseOptions } from './parse-options.ts'

function opened(cache: { redisUrl?: string; maxMb?: number }, sessionsUrl?: string, dataDir = '.'): Promise<Caching> {
  return openCaching(
    parseOptions({ dataDir, cache, ...(sessionsUrl === undefined ? {} : { sessions: { redisUrl: sessionsUrl } }) }),
  )
}

it('caches of a factory count together by name, and are cleared by name, in use or not', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-caching-'))
  const asked: string[] = []
  const ask = async (text: string): Promise<string> => (asked.push(text), text)
  {
    await using caching = await opened({ maxMb: 1 }, undefined, folder.path)
    const cachesOf = (version: string) =>
      caching.add('answers', cached(ask, { name: 'answers', version, l2: caching.level }))
    using one = cachesOf('1')
    using two = cachesOf('2')
    for (const cache of [one, two, one]) await cache('a')
    const { caches, maxBytes, trouble } = await caching.view({ measured: true })
    const answers = caches.find(({ name }) => name === 'answers')
    assert.deepEqual([answers?.on, answers?.misses, answers?.memoryHits, answers?.kept?.values], [true, 2, 1, 2])
    assert.equal(caches.find(({ name }) => name === 'embeddings')?.on, false)
    assert.deepEqual([maxBytes, trouble], [2 ** 20, undefined])
  }
  await using caching = await opened({}, undefined, folder.path)
  await caching.clear('embeddings')
  const kept = cached(ask, { name: 'answers', version: '1', l2: caching.level })
  await kept('a')
  assert.deepEqual(asked, ['a', 'a'])
  await caching.clear('answers')
  await kept('a')
  assert.deepEqual(asked, ['a', 'a', 'a'])
})

it('a Redis that is down or hangs stops no start and is told; the other one goes on', { skip: noRedis }, async () => {
  await using well = await startRedis()
  await using hung = await startRedis()
  process.kill(hung.pid, 'SIGSTOP')
  await using caching = await opened({ redisUrl: `${well.url},${hung.url},redis://127.0.0.1:1` })
  const { trouble, where, shared } = await caching.view()
  assert.match(trouble ?? '', /does not answer|did not answer/)
  assert.deepEqual([where, shared], [`127.0.0.1:${well.port}/0, 127.0.0.1:${hung.port}/0, 127.0.0.1:1/0`, true])
  using double = cached((of: number) => Promise.resolve(2 * of), { name: 'double', l2: caching.level, l1: false })
  const all = Array.from({ length: 40 }, (_, at) => at)
  for (const _time of [1, 2])
    assert.deepEqual(
      await Promise.all(all.map((of) => double(of))),
      all.map((of) => 2 * of),
    )
  const { levelHits } = double.stats()
  assert.ok(levelHits > 0 && levelHits < all.length, `${levelHits} of ${all.length} were kept`)
  process.kill(hung.pid, 'SIGCONT')
})

it('says when conversations are on the same server', { skip: noRedis }, async () => {
  await using redis = await startRedis()
  await using same = await opened({ redisUrl: `${redis.url}/1` }, redis.url)
  assert.match((await same.view()).advice ?? '', /Give sessions\.redisUrl and cache\.redisUrl a server each/)
  await using apart = await opened({ redisUrl: redis.url }, 'redis://kept.example')
  assert.equal((await apart.view()).advice, undefined)
})
