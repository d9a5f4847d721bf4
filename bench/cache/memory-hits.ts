// What a hit in memory costs: beside a bare LRU, and beside the memory of other caches.

import { LRUCache } from 'lru-cache'
import { cached } from '../../src/cache/index.ts'
import { atLeast } from '../harness.ts'
import { loadPeers } from './peers.ts'
import type { Found, Stage } from './scenario.ts'
import { answerOf, keysOf } from './subject.ts'
import { inTurn, ratio, rowsOf, type Contender } from './turns.ts'

const hour = 3_600_000

export async function memoryHits(stage: Stage): Promise<Found> {
  const keys = keysOf(1_000)
  const raw = new LRUCache<string, object>({ max: 100_000, ttl: hour })
  using keyed = cached(answerOf, { name: 'keyed', key: (question: string) => question })
  using plain = cached(answerOf, { name: 'plain' })
  using hashed = cached(({ question }: { question: string; top: number }) => answerOf(question), { name: 'hashed' })
  for (const key of keys) {
    raw.set(key, answerOf(key))
    await keyed(key)
    await plain(key)
    await hashed({ question: key, top: 5 })
  }
  const peek: Contender[] = [
    {
      name: 'lru-cache get, with ttl',
      times: 500_000,
      run: (times) => {
        for (let at = 0; at < times; at++) if (raw.get(keys[at % keys.length] ?? '') === undefined) throw missed()
      },
    },
    {
      name: 'Andon peek, key given',
      times: 500_000,
      run: (times) => {
        for (let at = 0; at < times; at++) if (keyed.peek(keys[at % keys.length] ?? '') === undefined) throw missed()
      },
    },
  ]
  const passes = stage.many(3)
  const peeks = await inTurn(peek, { rounds: stage.rounds, passes })

  const asking: Contender[] = [
    awaiting('Andon, key given', keys, keyed),
    awaiting('Andon, a text', keys, plain),
    awaiting('Andon, key hashed from an object', keys, (question) => hashed({ question, top: 5 })),
    awaiting('lru-cache in an async function', keys, async (key) => raw.get(key)),
  ]
  const closing: (() => Promise<void>)[] = []
  if (stage.peers)
    for (const [name, open] of Object.entries((await loadPeers()).memory)) {
      const peer = await open({ make: (key) => Promise.resolve(answerOf(key)), url: undefined })
      closing.push(() => peer.close())
      for (const key of keys) await peer.get(key)
      asking.push(awaiting(name, keys, peer.get, 10_000))
    }
  const asked = await inTurn(asking, { rounds: stage.rounds, passes })
  for (const close of closing) await close()
  return {
    rows: [...rowsOf('hits in memory, synchronous', peeks), ...rowsOf('hits in memory, awaited', asked)],
    gates: [
      atLeast(
        'hits: peek, ratio to lru-cache with ttl',
        ratio(peeks, 'Andon peek, key given', peek[0]?.name ?? ''),
        0.5,
      ),
      atLeast(
        'hits: memory, ratio to BentoCache serialize:false, keys given',
        ratio(asked, 'Andon, key given', 'BentoCache serialize:false'),
        2,
      ),
    ],
  }
}

/** One call after the other. */
function awaiting(
  name: string,
  keys: readonly string[],
  get: (key: string) => Promise<unknown>,
  times = 100_000,
): Contender {
  return {
    name,
    times,
    run: async (times) => {
      for (let at = 0; at < times; at++) if ((await get(keys[at % keys.length] ?? '')) === undefined) throw missed()
    },
  }
}

function missed(): Error {
  return new Error('A hit was a miss: the contender forgot')
}
