import { deepEqual, equal, notDeepEqual, rejects } from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { json } from 'node:stream/consumers'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { folderLevel } from './cache/folder-level.ts'
import type { Level } from './cache/level.ts'
import { redisLevel } from './cache/redis-level.ts'
import { openCall } from './core/call.ts'
import { hashedVector } from '../test/servers/hashed-vectors.ts'
import { noRedis, startRedis } from '../test/servers/redis.ts'
import { keepVectors } from './kept-vectors.ts'
import { OpenAiEmbedder } from './models/openai-embeddings.ts'

/** An embedding server that counts the texts it is sent. */
class CountingServer implements AsyncDisposable {
  dimensions = 8
  readonly texts: string[] = []
  readonly #server = createServer((request, response) => void this.#answer(request, response))

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { input } = (await json(request)) as { input: string[] }
    this.texts.push(...input)
    if (input.includes('refused')) return void response.writeHead(400).end('{"error":{"message":"no"}}')
    const data = input.map((text, index) => ({ index, embedding: [...hashedVector(text, this.dimensions)] }))
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ data }))
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  /** The texts since the last look. */
  take(): string[] {
    return this.texts.splice(0)
  }

  embedder(model = 'm'): OpenAiEmbedder {
    const { port } = this.#server.address() as AddressInfo
    return new OpenAiEmbedder({ url: `http://127.0.0.1:${port}/v1`, model })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

const levels: {
  name: string
  skip: string | false
  open: (stack: AsyncDisposableStack) => Promise<() => Promise<Level>>
}[] = [
  {
    name: 'a folder',
    skip: false,
    async open(stack) {
      const folder = await mkdtemp(join(tmpdir(), 'andon-vectors-'))
      stack.defer(() => rm(folder, { recursive: true }))
      return () => folderLevel({ folder, alone: true })
    },
  },
  {
    name: 'Redis',
    skip: noRedis,
    async open(stack) {
      const { url } = stack.use(await startRedis())
      return () => Promise.resolve(redisLevel({ url, timeoutMs: 2_000 }))
    },
  },
]

for (const { name, skip, open } of levels)
  describe(`Vectors kept in ${name}`, { skip }, () => {
    it('are made once for a text, a model, a side of the search and a tenant, over restarts', async () => {
      await using stack = new AsyncDisposableStack()
      await using server = await new CountingServer().listen()
      const level = await open(stack)
      using call = openCall({ tenant: 'one' })
      using other = openCall({ tenant: 'two' })
      let made: Float32Array[]
      {
        await using raw = server.embedder()
        await using l2 = await level()
        const { embedder, cache } = keepVectors(raw, { level: l2, shared: name === 'Redis', ttl: '1d' })
        made = await embedder.embed(['a', 'b', 'a'], 'passage', call)
        deepEqual(server.take(), ['a', 'b'])
        deepEqual(made, [hashedVector('a', 8), hashedVector('b', 8), hashedVector('a', 8)])
        await embedder.embed(['b', 'c'], 'passage', call)
        deepEqual(server.take(), ['c'])
        equal(cache.stats().stored, 3)
      }
      await using raw = server.embedder()
      await using l2 = await level()
      const { embedder, cache } = keepVectors(raw, { level: l2, shared: name === 'Redis', ttl: '1d' })
      deepEqual(await embedder.embed(['a', 'b', 'a'], 'passage', call), made)
      deepEqual(server.take(), [])
      equal(cache.stats().levelHits, 2)
      await embedder.embed(['a'], 'question', call)
      deepEqual(server.take(), ['a'])
      await embedder.embed(['a'], 'passage', other)
      deepEqual(server.take(), ['a'])
      await using another = server.embedder('n')
      await keepVectors(another, { level: l2, shared: name === 'Redis', ttl: '1d' }).embedder.embed(
        ['a'],
        'passage',
        call,
      )
      deepEqual(server.take(), ['a'])
      await cache.clear()
      await embedder.embed(['a', 'b'], 'passage', call)
      deepEqual(server.take(), ['a', 'b'])
    })

    it('of another length are made again', async () => {
      await using stack = new AsyncDisposableStack()
      await using server = await new CountingServer().listen()
      const level = await open(stack)
      using call = openCall({ tenant: 'one' })
      {
        await using raw = server.embedder()
        await using l2 = await level()
        await keepVectors(raw, { level: l2, shared: false, ttl: '1d' }).embedder.embed(['a', 'b'], 'passage', call)
      }
      server.take()
      server.dimensions = 16
      await using raw = server.embedder()
      await using l2 = await level()
      const { embedder, cache } = keepVectors(raw, { level: l2, shared: false, ttl: '1d' })
      const vectors = await embedder.embed(['a', 'new', 'b'], 'passage', call)
      deepEqual(
        vectors.map(({ length }) => length),
        [16, 16, 16],
      )
      deepEqual(server.take().toSorted(), ['a', 'b', 'new'])
      await embedder.embed(['a', 'new', 'b'], 'passage', call)
      deepEqual(server.take(), [])
      equal(cache.stats().failures, 0)
    })
  })

describe('An embedder whose vectors are kept', () => {
  it('refuses as it did, remembers no refusal, and goes on when the level is gone', async () => {
    await using server = await new CountingServer().listen()
    await using raw = server.embedder()
    await using level = redisLevel({ url: 'redis://127.0.0.1:1' })
    const { embedder } = keepVectors(raw, { level, shared: true, ttl: '1d' })
    using call = openCall({ tenant: 'one' })
    await rejects(embedder.embed(['refused', 'b'], 'passage', call), { code: 'invalid' })
    await rejects(embedder.embed(['refused'], 'passage', call), { code: 'invalid' })
    const [a, b] = await embedder.embed(['a', 'b'], 'passage', call)
    notDeepEqual(a, b)
    server.take()
    // Its own memory is still there.
    deepEqual(await embedder.embed(['b', 'a'], 'passage', call), [b, a])
    deepEqual(server.take(), [])
  })

  it('hears its caller leave and serves the others', async () => {
    await using server = await new CountingServer().listen()
    await using raw = server.embedder()
    await using level = redisLevel({ url: 'redis://127.0.0.1:1' })
    const { embedder } = keepVectors(raw, { level, shared: true, ttl: '1d' })
    const leaving = new AbortController()
    using leaver = openCall({ tenant: 'one', signal: leaving.signal })
    using stayer = openCall({ tenant: 'one' })
    const left = embedder.embed(['a', 'b'], 'question', leaver)
    const stays = embedder.embed(['b', 'c'], 'question', stayer)
    leaving.abort()
    await rejects(left)
    deepEqual(await stays, [hashedVector('b', 8), hashedVector('c', 8)])
  })
})
