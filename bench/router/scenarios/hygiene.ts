// Gate 11: a hundred thousand requests, of which every tenth client leaves. What is then in memory, and open, must be what was
// there before.

import { atMost } from '../../harness.ts'
import { poisson } from '../plan.ts'
import type { Inside, Running } from '../processes.ts'
import { sleep, type Scenario } from '../stage.ts'
import { counts } from '../tally.ts'
import { countedIn } from '../told.ts'

const settings = { meanMs: 5, sigma: 0.5, itlMs: 2, slots: 64 }

export const hygiene: Scenario = async (stage) => {
  await using targets = await stage.targets(['ours'], { endpoint: { maxConcurrent: 64 } })
  const [target] = targets
  if (!target?.running) return { rows: [], gates: [atMost('11 growth, MB', Number.NaN, 10)] }
  const { running } = target
  const mix = { rate: 1_200, streams: 0.2, tokens: 4, leaving: 0.1, leaveWithinMs: 20 }
  const many = stage.many(100_000)
  // Until code is compiled and every table has its size, growth says nothing.
  for (let warm = 0; warm < 2; warm++)
    await stage.run(target, poisson({ ...mix, seed: 110 + warm, seconds: 10_000 / mix.rate }), { settings })
  await quiet(stage.load)
  const before = await settled(running)
  const ends: Record<string, number> = {}
  const parts = 10
  for (let part = 0; part < parts; part++) {
    const shots = poisson({ ...mix, seed: 112 + part, seconds: many / parts / mix.rate })
    const { samples } = await stage.run(target, shots, { settings })
    for (const [end, count] of Object.entries(counts(samples.map(({ end }) => end))))
      ends[end] = (ends[end] ?? 0) + count
  }
  await quiet(stage.load)
  const after = await settled(running)
  const grown = (field: 'rss' | 'heapUsed' | 'external'): number => (after[field] - before[field]) / 2 ** 20
  const sockets = (counted: typeof after): number => counted.resources['TCPSocketWrap'] ?? 0
  const failed = Object.entries(ends).reduce(
    (sum, [end, count]) => (end === 'done' || end === 'left' ? sum : sum + count),
    0,
  )
  return {
    rows: [
      {
        scenario: 'hygiene',
        target: 'ours',
        requests: Object.values(ends).reduce((sum, count) => sum + count, 0),
        ...ends,
        rssMb: after.rss / 2 ** 20,
        rssGrownMb: grown('rss'),
        heapGrownMb: grown('heapUsed'),
        externalGrownMb: grown('external'),
        sockets: sockets(after),
      },
    ],
    gates: [
      atMost(`11 ${many.toLocaleString('en')} requests: growth of memory, MB`, grown('rss'), 10),
      atMost('11 growth of what is alive on the heap, MB', grown('heapUsed') + grown('external'), 10),
      atMost('11 requests that failed', failed, 0),
      atMost('11 sockets left open', sockets(after), 0),
      atMost('11 rejections that nobody handled', after.unhandled, 0),
      atMost('11 still counted', countedIn(await stage.state(target)), 0),
    ],
  }
}

/** Clients hang up, and what was theirs is let go. */
async function quiet(load: { ask(name: 'forget'): Promise<void> }): Promise<void> {
  await load.ask('forget')
  await sleep(1_000)
}

/** What is left when freed pages have been given back: the least of a few looks. */
async function settled(running: Running): Promise<Inside> {
  let least = await running.inside()
  for (let look = 0; look < 4; look++) {
    await sleep(500)
    const next = await running.inside()
    if (next.rss < least.rss) least = next
  }
  return least
}
