// Documents that come back, here or in another data directory, are not embedded again.

import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'node:test'
import type { Factory } from '../../src/core/factory.ts'
import { createFactory } from '../../src/factory.ts'
import type { OptionsInput } from '../../src/options.ts'
import { ModelServer } from '../servers/model-server.ts'
import { noRedis, startRedis } from '../servers/redis.ts'
import { addWhole, travel } from './library.ts'

const query = { text: 'approval of travel', by: 'vectors', rerank: false, k: 100 } as const

/** Texts that the server was asked for, since the last look. */
function texts(server: ModelServer): string[] {
  return server.requests.splice(0).flatMap(({ body }) => {
    const { input = [] } = body as { input?: string | string[] }
    return input
  })
}

/** Loads a document and waits for its vectors. Returns how many passages there are. */
async function loaded(factory: Factory): Promise<number> {
  await addWhole(factory, travel)
  const { totals } = await factory.health()
  for (;;) {
    if ((await factory.search(query)).length === totals.passages) return totals.passages
    await delay(5)
  }
}

test('documents that are removed and added again are not embedded again, nor after a restart', async () => {
  await using server = await ModelServer.start()
  await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-vectors-'))
  const options: OptionsInput = {
    dataDir: folder.path,
    handbook: false,
    embedder: { kind: 'openai', url: server.baseUrl, model: 'vectors' },
  }
  {
    await using factory = await createFactory(options)
    const passages = await loaded(factory)
    assert.equal(texts(server).filter((text) => text !== query.text).length, passages)
    const { caches, shared, where } = await factory.caches({ measured: true })
    const embeddings = caches.find(({ name }) => name === 'embeddings') ?? assert.fail('no cache of embeddings')
    assert.deepEqual({ shared, where }, { shared: false, where: join(folder.path, 'cache') })
    assert.deepEqual(
      { stored: embeddings.stored, kept: embeddings.kept?.values, troubles: embeddings.troubles },
      { stored: passages + 1, kept: passages + 1, troubles: 0 },
    )
  }
  await using factory = await createFactory(options)
  const again = async (): Promise<number> => {
    for (const { id } of await factory.list()) await factory.remove(id, { now: true })
    return loaded(factory)
  }
  await again()
  assert.deepEqual(texts(server), [])
  const { where } = await factory.caches()
  assert.deepEqual(await factory.clearCaches('embeddings'), { cleared: ['embeddings'], where })
  const passages = await again()
  assert.equal(texts(server).length, passages + 1)
  await assert.rejects(
    factory.clearCaches('everything' as 'all'),
    /cache is "everything".*embeddings|embeddings.*everything/,
  )
})

test('what one data directory has embedded, another on the same Redis has not to', { skip: noRedis }, async () => {
  await using redis = await startRedis()
  await using server = await ModelServer.start()
  await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-vectors-'))
  const open = (dataDir: string): ReturnType<typeof createFactory> =>
    createFactory({
      dataDir: join(folder.path, dataDir),
      handbook: false,
      embedder: { kind: 'openai', url: server.baseUrl, model: 'vectors' },
      cache: { redisUrl: redis.url },
    })
  await using one = await open('one')
  await using two = await open('two')
  const passages = await loaded(one)
  assert.equal(texts(server).length, passages + 1)
  await loaded(two)
  assert.deepEqual(texts(server), [])
  const { trouble, shared, where } = await two.caches()
  assert.deepEqual({ trouble, shared, where }, { trouble: undefined, shared: true, where: `127.0.0.1:${redis.port}/0` })

  await redis.kill()
  assert.match((await two.caches()).trouble ?? '', /does not answer/)
  const { parts } = await two.health()
  assert.match(parts.find(({ name, ok }) => name === 'cache' && !ok)?.message ?? '', /check cache\.redisUrl/)
  await assert.rejects(two.clearCaches('all'), /does not answer: what lies there is not cleared/)
  assert.equal((await two.search({ ...query, text: 'holidays' })).length, passages)
})
