// Four processes speak in one session of Redis: whether the turns stand in one order, none lost, doubled or moved.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { startRedis } from '../../test/servers/redis.ts'
import type { Speaking } from '../../src/stores/redis/sessions-process.fixture.ts'
import { openRedisSessions } from '../../src/stores/redis/sessions.ts'
import { atLeast, atMost, round } from '../harness.ts'
import type { Found, Stage } from './scenario.ts'

const names = ['ada', 'barbara', 'grace', 'margaret']

export async function sessions(stage: Stage): Promise<Found> {
  // A question and its answer are two turns.
  const turns = Math.ceil(stage.many(10_000) / 8) * 8
  await using redis = await startRedis()
  const began = performance.now()
  const children = names.map((who) => {
    const task: Speaking = { url: redis.url, who, exchanges: turns / 8, most: turns }
    return fork(new URL('../../src/stores/redis/sessions-process.fixture.ts', import.meta.url), [JSON.stringify(task)])
  })
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as number | null))
  const seconds = (performance.now() - began) / 1_000
  await using kept = await openRedisSessions({ redis: redis.url, limits: { turns } })
  const session = await kept.read('ours', 's')
  const next = new Map(names.map((who) => [who, 0]))
  let wrong = codes.filter((code) => code !== 0).length
  for (let at = 0; at < session.turns.length; at += 2) {
    const [question, answer] = session.turns.slice(at, at + 2)
    const [who = '', said] = question?.text.split(' ') ?? []
    const right = Number(said) === next.get(who) && answer?.text === question?.text && answer?.role === 'assistant'
    if (!right) wrong++
    next.set(who, Number(said) + 1)
  }
  return {
    rows: [
      {
        scenario: 'four processes speak in one session',
        turns: session.turns.length,
        version: session.version,
        outOfOrder: wrong,
        turnsPerSecond: round(turns / seconds),
      },
    ],
    gates: [
      atMost('sessions: turns lost, doubled or out of order', wrong + Math.abs(turns - session.turns.length), 0),
      atLeast('sessions: turns of four processes in one session', session.turns.length, 10_000),
    ],
  }
}
