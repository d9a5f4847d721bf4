// How soon another process hears of an invalidation while it asks for the value in a loop that never waits; and what a
// ring moves when a node is added.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { cached, redisLevel } from '../../src/cache/index.ts'
import { ownerOf } from '../../src/cache/ring.ts'
import { atLeast, atMost, median, percentile, round } from '../harness.ts'
import { hostMs, type Found, type Stage } from './scenario.ts'
import type { Heard } from './listener.ts'

export async function invalidation(stage: Stage): Promise<Found> {
  await using l2 = redisLevel({ url: stage.url, timeoutMs: 1_000 })
  using own = cached((_question: string) => 'here', { name: 'listened', l2, tags: () => ['page'] })
  await own('q')
  const child = fork(new URL('listener.ts', import.meta.url), [stage.url])
  await once(child, 'message')
  const times = stage.many(400)
  const after: number[] = []
  let hits = 0
  try {
    for (let each = 0; each < times; each++) {
      // Not in step with the other's loop.
      await pause(1 + ((each * 7) % 10))
      const heard = once(child, 'message') as Promise<[Heard]>
      const began = hostMs()
      await own.invalidate({ tags: ['page'] })
      const [news] = await heard
      after.push(news.at - began)
      hits += news.hits
    }
  } finally {
    child.kill()
    await once(child, 'exit')
  }
  const p99 = percentile(after, 0.99)
  return {
    rows: [
      {
        scenario: 'an invalidation, heard by a process whose hits never wait',
        times,
        p50Ms: round(median(after)),
        p99Ms: round(p99),
        worstMs: round(Math.max(...after)),
        hitsMeanwhile: hits,
      },
    ],
    gates: [
      atMost('invalidation: ms until another process in a loop of hits has it, p99', p99, 50),
      atLeast('invalidation: hits of that process meanwhile', hits, times * 1_000),
    ],
  }
}

export function ringMoves(stage: Stage): Promise<Found> {
  const keys = Array.from({ length: stage.many(100_000) }, (_, at) => `answers:${at}`)
  const rows = []
  let worst = 0
  let strayed = 0
  for (let nodes = 1; nodes <= 8; nodes++) {
    const names = Array.from({ length: nodes }, (_, at) => `node-${at}`)
    const added = `node-${nodes}`
    const moved = keys.map((key) => [ownerOf(key, names), ownerOf(key, [...names, added])] as const)
    const changed = moved.filter(([before, after]) => before !== after)
    const share = changed.length / keys.length
    strayed += changed.filter(([, after]) => after !== added).length
    worst = Math.max(worst, share * (nodes + 1))
    const most = Math.max(...names.map((name) => moved.filter(([before]) => before === name).length))
    rows.push({
      scenario: 'a node is added to a ring',
      nodes,
      moved: round(share),
      fairShare: round(1 / (nodes + 1)),
      fullestNodeOfFairShare: round((most * nodes) / keys.length),
    })
  }
  return Promise.resolve({
    rows,
    gates: [
      atMost('ring: keys that a new node moves, of 1/(N+1), worst of N 1 to 8', worst, 1.2),
      atMost('ring: keys that moved between old nodes', strayed, 0),
    ],
  })
}
