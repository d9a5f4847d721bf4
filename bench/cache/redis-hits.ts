// What a hit in Redis costs with 64 calls under way: beside the raw client with the same decoding, and beside others.

import { createClient } from '@redis/client'
import { cached, redisLevel } from '../../src/cache/index.ts'
import { atLeast, atMost, median, percentile, round } from '../harness.ts'
import { loadPeers } from './peers.ts'
import type { Found, Stage } from './scenario.ts'
import { answerOf, keysOf } from './subject.ts'
import { inTurn, ratio, rowsOf, type Contender } from './turns.ts'

const loops = 64
const keysOfLoop = 16

export async function redisHits(stage: Stage): Promise<Found> {
  await using l2 = redisLevel({ url: stage.url, timeoutMs: 5_000 })
  using andon = cached(answerOf, { name: 'redis-hits', key: (question: string) => question, l1: false, l2 })
  const client = createClient({ url: stage.url })
  await client.connect()
  const keys = keysOf(loops * keysOfLoop)
  for (const key of keys) {
    await client.set(`raw:${key}`, JSON.stringify(answerOf(key)))
    await andon(key)
  }
  const latencies = new Map<string, number[][]>()
  const contenders: Contender[] = [
    together('raw client, GET and JSON.parse', keys, latencies, async (key) => {
      const text = await client.get(`raw:${key}`)
      return text === null ? undefined : JSON.parse(text)
    }),
    together('Andon', keys, latencies, andon),
  ]
  const closing: (() => Promise<void>)[] = []
  if (stage.peers)
    for (const [name, open] of Object.entries((await loadPeers()).redis)) {
      const peer = await open({ make: (key) => Promise.resolve(answerOf(key)), url: stage.url })
      closing.push(() => peer.close())
      // Some of them would find the entries of others.
      const own = keys.map((key) => `${name} ${key}`)
      for (const key of own) await peer.get(key)
      contenders.push(together(name, own, latencies, peer.get))
    }
  const figures = await inTurn(contenders, { rounds: stage.rounds, passes: stage.many(5) })
  for (const close of closing) await close()
  client.destroy()
  const { misses } = andon.stats()
  if (misses > keys.length) throw new Error(`${misses - keys.length} hits in Redis were misses`)

  const middle = (name: string): number[] => (latencies.get(name) ?? []).map((sample) => median(sample))
  const [raw = '', own = ''] = contenders.map(({ name }) => name)
  const slower = middle(own).map((ms, pass) => ms / (middle(raw)[pass] ?? Number.NaN))
  return {
    rows: rowsOf('hits in Redis, 64 at once', figures).map((row) => ({
      ...row,
      p50Ms: round(median(middle(row.name))),
      p99Ms: round(median((latencies.get(row.name) ?? []).map((sample) => percentile(sample, 0.99)))),
    })),
    gates: [
      atLeast('hits: Redis, 64 at once, ratio to the raw client', ratio(figures, own, raw), 0.8),
      atMost('hits: Redis, 64 at once, p50, ratio to the raw client', median(slower), 1.25),
    ],
  }
}

/** So many loops at once, each with keys of its own, so that none joins the call of another. */
function together(
  name: string,
  keys: readonly string[],
  latencies: Map<string, number[][]>,
  get: (key: string) => Promise<unknown>,
): Contender {
  return {
    name,
    times: loops * keysOfLoop * 8,
    run: async (times) => {
      const sample: number[] = []
      const loop = async (first: number): Promise<void> => {
        for (let at = 0; at < times / loops; at++) {
          const began = performance.now()
          if ((await get(keys[first + (at % keysOfLoop)] ?? '')) === undefined) throw new Error(`${name} had no value`)
          sample.push(performance.now() - began)
        }
      }
      await Promise.all(Array.from({ length: loops }, (_, each) => loop(each * keysOfLoop)))
      const kept = latencies.get(name)
      if (kept) kept.push(sample)
      else latencies.set(name, [sample])
    },
  }
}
