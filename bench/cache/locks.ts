// Locks and semaphores of one process: so many per second, alone and with twenty thousand who ask at once, beside others;
// and ten thousand who leave by one signal. The loops are written out by each, so that none runs through code that the
// engine has learned with another.

import { getEventListeners } from 'node:events'
import { Lock, Semaphore } from '../../src/concurrency/index.ts'
import { atLeast, atMost, median, round } from '../harness.ts'
import type { Found, Stage } from './scenario.ts'
import { inTurn, ratio, rowsOf, type Contender } from './turns.ts'

const uncontendedTimes = 20_000
const contendedTimes = 20_000
const leavers = 10_000

export interface LockContender {
  name: string
  /** Takes it and gives it back so many times, one after the other; nobody else wants it. */
  uncontended: (times: number) => Promise<void>
  /** So many ask at once, and each gives it back when it has had it. */
  contended: (times: number) => Promise<void>
}

export async function locks(stage: Stage): Promise<Found> {
  const contenders = [...own(), ...(stage.peers ? await loadPeers() : [])]
  const alone: Contender[] = contenders.map(({ name, uncontended }) => ({
    name,
    run: uncontended,
    times: stage.many(uncontendedTimes),
  }))
  const crowd: Contender[] = contenders.map(({ name, contended }) => ({ name, run: contended, times: contendedTimes }))
  const passes = stage.many(4)
  const uncontended = await inTurn(alone, { rounds: stage.rounds, passes })
  const contended = await inTurn(crowd, { rounds: stage.rounds, passes })
  return {
    rows: [
      ...rowsOf('acquired and released, nobody else waits', uncontended),
      ...rowsOf(`acquired and released, ${contendedTimes} ask at once`, contended),
    ],
    gates: [
      atLeast('Lock: contended, ratio to async-mutex', ratio(contended, 'Lock', 'async-mutex'), 1),
      atLeast('Lock: uncontended, ratio to async-mutex', ratio(uncontended, 'Lock', 'async-mutex'), 1),
      atLeast('Semaphore: contended, ratio to async-sema', ratio(contended, 'Semaphore', 'async-sema'), 1),
      // async-sema gives out permits without a hold that can be given back only once: an object less for each.
      atLeast('Semaphore: uncontended, ratio to async-sema', ratio(uncontended, 'Semaphore', 'async-sema'), 0.8),
    ],
  }
}

export async function leaving(stage: Stage): Promise<Found> {
  const lock = new Lock()
  const semaphore = new Semaphore(1)
  const rows = []
  let [slowest, waiting, listeners] = [0, 0, 0]
  for (const [name, primitive] of Object.entries({ Lock: lock, Semaphore: semaphore })) {
    const times: number[] = []
    for (let each = 0; each <= stage.rounds; each++) {
      using _held = await primitive.acquire()
      const request = new AbortController()
      const { signal } = request
      const outcomes = Promise.allSettled(Array.from({ length: leavers }, () => primitive.acquire({ signal })))
      const began = performance.now()
      request.abort()
      const left = (await outcomes).filter(({ status }) => status === 'rejected').length
      if (each > 0) times.push(performance.now() - began)
      waiting += primitive.waiting + leavers - left
      listeners += getEventListeners(signal, 'abort').length
    }
    slowest = Math.max(slowest, median(times))
    rows.push({
      scenario: 'ten thousand leave by one signal',
      name,
      ms: round(median(times)),
      worstMs: round(Math.max(...times)),
    })
  }
  return {
    rows,
    gates: [
      atMost(`leaving: ms until ${leavers} waiters have left by one signal`, slowest, 50),
      atMost('leaving: waiters that are still in line', waiting, 0),
      atMost('leaving: listeners that are still on the signal', listeners, 0),
    ],
  }
}

async function loadPeers(): Promise<LockContender[]> {
  const file: string = new URL('peer-locks.ts', import.meta.url).href
  const { peers } = (await import(file)) as { peers: LockContender[] }
  return peers
}

function own(): LockContender[] {
  const lock = new Lock()
  const semaphore = new Semaphore(1)
  const { signal } = new AbortController()
  return [
    {
      name: 'Lock',
      uncontended: async (times) => {
        for (let time = 0; time < times; time++) {
          const held = await lock.acquire()
          held.release()
        }
      },
      contended: async (times) => {
        const all: Promise<void>[] = []
        for (let time = 0; time < times; time++) all.push(lock.acquire().then((held) => held.release()))
        await Promise.all(all)
      },
    },
    {
      name: 'Semaphore',
      uncontended: async (times) => {
        for (let time = 0; time < times; time++) {
          const held = await semaphore.acquire()
          held.release()
        }
      },
      contended: async (times) => {
        const all: Promise<void>[] = []
        for (let time = 0; time < times; time++) all.push(semaphore.acquire().then((held) => held.release()))
        await Promise.all(all)
      },
    },
    {
      name: 'Semaphore, one signal for all',
      uncontended: async (times) => {
        for (let time = 0; time < times; time++) {
          const held = await semaphore.acquire({ signal })
          held.release()
        }
      },
      contended: async (times) => {
        const all: Promise<void>[] = []
        for (let time = 0; time < times; time++) all.push(semaphore.acquire({ signal }).then((held) => held.release()))
        await Promise.all(all)
      },
    },
  ]
}
