// Four processes read the same stream while it is made; and no stream that did not come to its end is ever heard again.

import { setTimeout as pause } from 'node:timers/promises'
import { cachedStream, redisLevel } from '../../src/cache/index.ts'
import { atLeast, atMost, median, round } from '../harness.ts'
import { Member, streamText, sum, team } from './team.ts'
import type { Found, Stage } from './scenario.ts'

const processes = 4
const readers = 25
const items = 50
const takesMs = 10

export async function streamTogether(stage: Stage): Promise<Found> {
  await using all = await team(
    processes,
    { name: 'Andon', url: stage.url, lease: '5000ms' },
    { kind: 'stream', items: 3 },
  )
  const runs: number[] = []
  const behind: number[] = []
  const walls: number[] = []
  let different = 0
  for (let each = 0; each < Math.max(3, stage.rounds); each++) {
    const asking = { kind: 'stream', key: `stream ${each}`, calls: readers, items, takesMs } as const
    const { at, seen } = await all.ask(asking)
    runs.push(sum(seen, (one) => one.executions))
    const leader = seen.find((one) => one.executions > 0)?.firstAt ?? Number.NaN
    behind.push(Math.max(...seen.map(({ firstAt }) => firstAt)) - leader)
    walls.push(Math.max(...seen.map(({ endedAt }) => endedAt)) - at)
    different += new Set(seen.flatMap(({ texts }) => texts)).size - 1
    different += processes * readers - sum(seen, ({ answered }) => answered)
  }
  return {
    rows: [
      {
        scenario: 'one stream, a hundred readers in four processes',
        items,
        itemMs: takesMs,
        executionsWorst: Math.max(...runs),
        firstTokenBehindLeaderMs: round(median(behind)),
        firstTokenBehindLeaderWorstMs: round(Math.max(...behind)),
        wallMs: round(median(walls)),
        different,
      },
    ],
    gates: [
      atMost('streams: runs for a hundred readers in four processes, worst', Math.max(...runs), 1),
      atMost('streams: ms of the first token behind the one that streams', median(behind), 10),
      atMost('streams: readers that heard something else or nothing', different, 0),
    ],
  }
}

export async function streamsNotKept(stage: Stage): Promise<Found> {
  await using first = redisLevel({ url: stage.url, timeoutMs: 1_000 })
  await using second = redisLevel({ url: stage.url, timeoutMs: 1_000 })
  const counted = { runs: 0 }
  /** A stream that says its whole text only in a second run; the first goes as it is told. */
  const open = (level: typeof first, name: string, first_: 'fails' | 'is cut' | 'goes on') =>
    cachedStream(
      async function* run(_question: string, _signal?: AbortSignal) {
        const isFirst = counted.runs++ === 0
        for (let at = 0; at < 10; at++) {
          await pause(1)
          if (isFirst && first_ === 'fails' && at === 5) throw new Error('broke')
          if (isFirst && first_ === 'is cut' && at === 5) return yield 'length'
          yield at === 9 ? 'stop' : `${at}`
        }
      },
      { name, l2: level, storeIf: (last) => last === 'stop', flight: { lease: '200ms' } },
    )
  const wrong: string[] = []
  const rounds = Math.max(3, stage.rounds)
  for (let each = 0; each < rounds; each++)
    for (const how of ['fails', 'is cut', 'goes on'] as const) {
      counted.runs = 0
      const name = `not-kept-${each}-${how.replaceAll(' ', '-')}`
      const one = open(first, name, how)
      const leaving = new AbortController()
      await readSome(one('q', leaving.signal), how === 'goes on' ? leaving : undefined)
      // What was left may take a moment to end; its lease says when.
      const text = await Array.fromAsync(open(second, name, how)('q'))
      if (counted.runs !== 2 || text.at(-1) !== 'stop' || text.length !== 10) wrong.push(how)
    }
  // The one that streams is killed when nobody else listens.
  for (let each = 0; each < Math.min(3, rounds); each++) {
    const membership = { name: 'Andon', url: stage.url, lease: '200ms' } as const
    await using dying = await Member.start(membership)
    await using next = await Member.start(membership)
    const asking = {
      kind: 'stream',
      key: `dies ${each}`,
      calls: 1,
      items: 30,
      takesMs: 10,
      at: 0,
      mostMs: 10_000,
    } as const
    dying.onLead = () => void setTimeout(() => dying.child.kill('SIGKILL'), 100)
    await dying.ask(asking)
    const seen = await next.ask(asking)
    if (seen?.executions !== 1 || seen.texts[0] !== streamText(asking.key, asking.items)) wrong.push('is killed')
  }
  const tried = rounds * 3 + Math.min(3, rounds)
  return {
    rows: [
      { scenario: 'streams that did not end', tried, heardAgain: wrong.length, how: [...new Set(wrong)].join(', ') },
    ],
    gates: [
      atMost('streams: failed, cut, left or killed, and heard again', wrong.length, 0),
      atLeast('streams: failed, cut, left or killed, tried', tried, 5),
    ],
  }
}

async function readSome(stream: AsyncIterable<string>, leaving: AbortController | undefined): Promise<void> {
  let heard = 0
  try {
    for await (const _item of stream) if (++heard === 4) leaving?.abort()
  } catch (reason) {
    if (!leaving?.signal.aborted && !String(reason).includes('broke')) throw reason
  }
}
