// Gate 13, in virtual time: a provider that takes 16 at once and says so with a 429 only, where 64 are allowed. What it
// takes must be found within ten seconds, and kept without asking for more again and again.

import { atLeast, atMost, round } from '../../harness.ts'
import { chat, endpoint, failure, World } from '../../../src/router/simulation.ts'
import type { Scenario } from '../stage.ts'

const hidden = 16
const allowed = 64
const clients = 100
const foundByMs = 10_000

export const limit: Scenario = async (stage) => {
  const rows = []
  for (const seed of [1, 2, 3, 4, 5])
    rows.push({ scenario: 'limit', simulated: true, seed, ...(await search(seed, foundByMs + stage.many(60) * 1_000)) })
  return {
    rows,
    gates: [
      atLeast(
        '13 16 at once, 64 allowed: least after 10 s, simulated',
        Math.min(...rows.map(({ least }) => least)),
        14,
      ),
      atMost('13 16 at once, 64 allowed: most after 10 s, simulated', Math.max(...rows.map(({ most }) => most)), 20),
      atMost(
        '13 16 at once, 64 allowed: share answered 429 after 10 s, simulated',
        Math.max(...rows.map(({ refused }) => refused)),
        0.02,
      ),
    ],
  }
}

async function search(seed: number, endMs: number) {
  const world = new World([endpoint('a', { maxConcurrent: allowed, protocol: 'openai' })], { seed })
  let underWay = 0
  let sent = 0
  let refused = 0
  let least = allowed
  let most = 0
  const isCounted = (): boolean => world.clock.elapsed >= foundByMs
  const ask = async (): Promise<void> => {
    for (;;) {
      using lease = await world.scheduler.acquire(chat(), world.call())
      if (isCounted()) sent++
      if (underWay >= hidden) {
        if (isCounted()) refused++
        await world.sleep(2)
        lease.end({ kind: 'failed', failure: failure('busy') })
        continue
      }
      underWay++
      await world.sleep(60 + 80 * world.random())
      underWay--
      lease.begun()
      lease.end({ kind: 'done' })
      return
    }
  }
  const client = async (): Promise<void> => {
    while (world.clock.elapsed < endMs) await ask()
  }
  for (let number = 0; number < clients; number++) void client()
  for (let at = foundByMs; at < endMs; at += 100)
    world.at(at, () => {
      const now = world.scheduler.state().endpoints[0]?.limit ?? 0
      least = Math.min(least, now)
      most = Math.max(most, now)
    })
  await world.clock.run()
  return {
    sent,
    perSecond: round((sent - refused) / ((endMs - foundByMs) / 1_000)),
    least,
    most,
    refused: round(refused / sent),
  }
}
