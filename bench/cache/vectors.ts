// 1.5 MB of vectors, as an embedding of a thousand passages is: stored and read back through the cache with the codec for
// vectors, beside JSON.

import { createClient } from '@redis/client'
import { cached, float32, redisLevel } from '../../src/cache/index.ts'
import { atLeast, round, seeded } from '../harness.ts'
import type { Found, Stage } from './scenario.ts'
import { inTurn, ratio, rowsOf } from './turns.ts'

const dimensions = 384
const count = 1_024

export async function vectors(stage: Stage): Promise<Found> {
  await using l2 = redisLevel({ url: stage.url, timeoutMs: 10_000 })
  const client = createClient({ url: stage.url })
  await client.connect()
  const random = seeded(7)
  const made = Float32Array.from({ length: dimensions * count }, () => random() - 0.5)
  const common = { l2, l1: false, ttl: '1m', maxValueBytes: 32 * 2 ** 20 } as const
  const binary = cached((_each: number) => made, { ...common, name: 'vectors', codec: float32(made.length) })
  const asJson = cached((_each: number) => Array.from(made), { ...common, name: 'numbers', compress: false })
  let each = 0
  // A value that is made is stored; asked for again it is read, because memory keeps nothing.
  const ways: Record<string, (each: number) => Promise<{ readonly length: number }>> = {
    'Andon, float32': async (each) => (await binary(each), binary(each)),
    'Andon, JSON': async (each) => (await asJson(each), asJson(each)),
    'raw client, JSON': async () => {
      await client.set('vectors-as-json', JSON.stringify(Array.from(made)))
      return Float32Array.from(JSON.parse((await client.get('vectors-as-json')) ?? '') as number[])
    },
    'raw client, bytes': async () => {
      await client.set('vectors-as-bytes', Buffer.from(made.buffer))
      const { length } =
        (await client.sendCommand<Buffer>(['GET', 'vectors-as-bytes'], { typeMapping: { 36: Buffer } })) ?? []
      return { length: length / 4 }
    },
  }
  const contenders = Object.entries(ways).map(([name, way]) => ({
    name,
    times: 1,
    run: async () => {
      const { length } = await way(++each)
      if (length !== made.length) throw new Error(`${name} gave ${length} numbers back, not ${made.length}`)
    },
  }))
  const figures = await inTurn(contenders, { rounds: stage.rounds, passes: 3 })
  const { levelHits, executions } = binary.stats()
  client.destroy()
  return {
    rows: rowsOf('1.5 MB of vectors, stored and read', figures).map(({ perSecond, ...row }) => ({
      ...row,
      ms: round(1_000 / perSecond),
    })),
    gates: [
      atLeast(
        'vectors: 1.5 MB stored and read, times as fast as JSON',
        ratio(figures, 'Andon, float32', 'raw client, JSON'),
        20,
      ),
      atLeast('vectors: of those reads, found in Redis', levelHits / executions, 1),
    ],
  }
}
