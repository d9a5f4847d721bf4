// How fast locks and semaphores of one process are, beside those of others in the same run, and how long it takes until
// ten thousand have left.
//
//   node bench/concurrency/in-process.ts [--json] [--rounds 15] [--no-peers]

import { parseArgs } from 'node:util'
import { Lock } from '../../src/concurrency/lock.ts'
import { Semaphore } from '../../src/concurrency/semaphore.ts'
import { atLeast, atMost, median, publish, round, say, type Gate } from '../harness.ts'
import type { Contender } from './contender.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '15' },
    peers: { type: 'boolean', default: true },
  },
  allowNegative: true,
})
const rounds = Number(values.rounds)
const passes = 8
const uncontendedTimes = 50_000
const contendedTimes = 20_000
const leavers = 10_000

const lock = new Lock()
const semaphore = new Semaphore(1)
const { signal } = new AbortController()
const own: Contender[] = [
  {
    name: 'Lock',
    kind: 'lock',
    async uncontended(times) {
      for (let time = 0; time < times; time++) {
        const held = await lock.acquire()
        held.release()
      }
    },
    async contended(times) {
      const all: Promise<void>[] = []
      for (let time = 0; time < times; time++) all.push(lock.acquire().then((held) => held.release()))
      await Promise.all(all)
    },
  },
  {
    name: 'Semaphore',
    kind: 'semaphore',
    async uncontended(times) {
      for (let time = 0; time < times; time++) {
        const held = await semaphore.acquire()
        held.release()
      }
    },
    async contended(times) {
      const all: Promise<void>[] = []
      for (let time = 0; time < times; time++) all.push(semaphore.acquire().then((held) => held.release()))
      await Promise.all(all)
    },
  },
  {
    name: 'Semaphore, one signal for all',
    kind: 'semaphore',
    async uncontended(times) {
      for (let time = 0; time < times; time++) {
        const held = await semaphore.acquire({ signal })
        held.release()
      }
    },
    async contended(times) {
      const all: Promise<void>[] = []
      for (let time = 0; time < times; time++) all.push(semaphore.acquire({ signal }).then((held) => held.release()))
      await Promise.all(all)
    },
  },
]

const contenders = [...own, ...(values.peers ? await loadPeers() : [])]
const uncontended = new Map<string, number[]>()
const contended = new Map<string, number[]>()
for (let each = 0; each < rounds; each++) {
  // In turn, so that what else the machine does falls on all; the first round only warms up.
  const turn = [...contenders.slice(each % contenders.length), ...contenders.slice(0, each % contenders.length)]
  for (const contender of turn) {
    const alone = await perSecond(uncontendedTimes, () => contender.uncontended(uncontendedTimes))
    const crowded = await perSecond(contendedTimes, () => contender.contended(contendedTimes))
    if (each === 0) continue
    push(uncontended, contender.name, alone)
    push(contended, contender.name, crowded)
  }
}

const leaving: number[] = []
for (let each = 0; each < rounds; each++) {
  using _held = await lock.acquire()
  const request = new AbortController()
  const outcomes = Promise.allSettled(Array.from({ length: leavers }, () => lock.acquire({ signal: request.signal })))
  const started = performance.now()
  request.abort()
  await outcomes
  leaving.push(performance.now() - started)
}

const gates: Gate[] = [
  atMost(`${leavers} waiters have left after one abort, ms (median)`, median(leaving), 50),
  ...compare('Lock', 'async-mutex', 1),
  // async-sema gives out permits without a hold that can be given back only once: an object less for each.
  ...compare('Semaphore', 'async-sema', 0.8),
]
publish({
  name: 'concurrency-in-process',
  method:
    `Acquire and release per second: the best of ${passes} passes in a round, the median of the rounds, contenders in turn in ` +
    `one process. Uncontended: one after the other. Contended: ${contendedTimes} ask at once for one permit. Gates compare ` +
    'the rounds one by one: the median of the ratios.',
  rows: [
    ...contenders.map(({ name, kind }) => ({
      name,
      kind,
      uncontendedPerSecond: round(median(uncontended.get(name) ?? [])),
      contendedPerSecond: round(median(contended.get(name) ?? [])),
    })),
    { name: `${leavers} leave at once`, medianMs: round(median(leaving)), worstMs: round(Math.max(...leaving)) },
  ],
  gates,
})

function compare(mine: string, theirs: string, leastUncontended: number): Gate[] {
  if (!uncontended.has(theirs)) return []
  const ratio = (figures: Map<string, number[]>): number => {
    const others = figures.get(theirs) ?? []
    return median((figures.get(mine) ?? []).map((figure, each) => figure / (others[each] ?? Number.NaN)))
  }
  return [
    atLeast(`${mine}: uncontended, ratio to ${theirs}`, ratio(uncontended), leastUncontended),
    atLeast(`${mine}: contended, ratio to ${theirs}`, ratio(contended), 1),
  ]
}

/** The best of some passes: what else the machine does, and the garbage of the one before, only ever make it slower. */
async function perSecond(times: number, work: () => Promise<void>): Promise<number> {
  let best = 0
  for (let pass = 0; pass < passes; pass++) {
    const started = performance.now()
    await work()
    best = Math.max(best, (times / (performance.now() - started)) * 1_000)
  }
  return best
}

function push(figures: Map<string, number[]>, name: string, figure: number): void {
  const kept = figures.get(name)
  if (kept) kept.push(figure)
  else figures.set(name, [figure])
}

async function loadPeers(): Promise<Contender[]> {
  try {
    // Not known to the compiler: those who only build Andon have no peers.
    const file: string = new URL('peer-locks.ts', import.meta.url).href
    const { peers } = (await import(file)) as { peers: Contender[] }
    return peers
  } catch (reason) {
    say(`The peers' rows are missing: run npm install in bench/ (${String(reason)})`)
    return []
  }
}
