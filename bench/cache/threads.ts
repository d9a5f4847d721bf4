// A lock and a semaphore that threads share: whether two are ever inside, also when threads are ended at any moment.

import { on, once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { Event, forgetWhenEnded, Lock, Semaphore } from '../../src/concurrency/shared/index.ts'
import type { Muddle } from '../../src/concurrency/shared/muddle.fixture.ts'
import type { Task } from '../../src/concurrency/shared/threads.fixture.ts'
import { atLeast, atMost, round } from '../harness.ts'
import type { Found, Stage } from './scenario.ts'

const folder = new URL('../../src/concurrency/shared/', import.meta.url)

export async function threads(stage: Stage): Promise<Found> {
  const rows = []
  const rounds = stage.many(1_000_000) / 2
  let [overlaps, lost, entered] = [0, 0, 0]
  for (const together of [1, 40]) {
    const lock = new Lock()
    const counter = new SharedArrayBuffer(12)
    const go = new Event()
    const task: Task = { kind: 'count', lock: lock.memory, counter, go: go.memory, rounds, together }
    const workers = [1, 2].map(() => new Worker(new URL('threads.fixture.ts', folder), { workerData: task }))
    await Promise.all(workers.map((worker) => said(worker, 'ready')))
    const began = performance.now()
    go.set()
    await Promise.all(workers.map((worker) => said(worker, 'done')))
    const ms = performance.now() - began
    const [count = 0, , overlapped = 0] = new Int32Array(counter)
    overlaps += overlapped
    lost += 2 * rounds - count
    entered += count
    rows.push({
      scenario: 'a lock that two threads share',
      atOnceInEach: together,
      entered: count,
      overlaps: overlapped,
      perSecond: round((count / ms) * 1_000),
    })
  }
  const killed = await endedThreads(stage)
  return {
    rows: [...rows, ...killed.rows],
    gates: [
      atMost('threads: two were inside a lock', overlaps, 0),
      atMost('threads: updates lost', lost, 0),
      atLeast('threads: times a lock was entered', entered, 1_000_000),
      ...killed.gates,
    ],
  }
}

/** Threads take both and leave their lines as a seed says, while others are ended in the middle of it. */
async function endedThreads(stage: Stage): Promise<Found> {
  const lock = new Lock()
  const semaphore = new Semaphore(4)
  const inside = new SharedArrayBuffer(8)
  const start = (seed: number, rounds: number): Worker => {
    const workerData: Muddle = { lock: lock.memory, semaphore: semaphore.memory, inside, seed, rounds }
    return new Worker(new URL('muddle.fixture.ts', folder), { workerData })
  }
  const staying = [1, 2].map((seed) => said(start(seed, stage.many(10_000)), 'done'))
  const ended = stage.many(40)
  for (let seed = 3; seed < 3 + ended; seed++) {
    const ending = start(seed, Infinity)
    await once(ending, 'online')
    forgetWhenEnded(ending, lock, semaphore)
    for (let turns = seed % 16; turns > 0; turns--) (await lock.acquire()).release()
    await ending.terminate()
  }
  await Promise.all(staying)
  const overlaps = new Int32Array(inside)[1] ?? 0
  const kept = (lock.held ? 1 : 0) + 4 - semaphore.available
  return {
    rows: [{ scenario: 'threads that are ended while they hold and wait', ended, overlaps, neverGivenBack: kept }],
    gates: [
      atMost('threads that are ended: two were inside a lock', overlaps, 0),
      atMost('threads that are ended: holds never given back', kept, 0),
    ],
  }
}

async function said(worker: Worker, word: string): Promise<void> {
  for await (const [message] of on(worker, 'message')) if (message === word) return
}
