// A thread that takes a lock and permits, and leaves their lines, at moments that a seed decides.

import { parentPort, workerData } from 'node:worker_threads'
import { AndonError } from '../../core/errors.ts'
import { Lock, Semaphore } from './index.ts'

/** What it is to do. */
export interface Muddle {
  lock: SharedArrayBuffer
  semaphore: SharedArrayBuffer
  /** Somebody is inside the lock, and how often two were. */
  inside: SharedArrayBuffer
  seed: number
  rounds: number
}

const { seed, rounds, ...shared } = workerData as Muddle
const lock = Lock.from(shared.lock)
const semaphore = Semaphore.from(shared.semaphore)
const inside = new Int32Array(shared.inside)
let state = seed

await Promise.all(Array.from({ length: 8 }, () => muddle()))
parentPort?.postMessage('done')

async function muddle(): Promise<void> {
  for (let left = rounds; left > 0; left--) {
    const leaving = new AbortController()
    if (chance(0.3)) setImmediate(() => leaving.abort())
    const options = { signal: leaving.signal, ...(chance(0.1) ? { timeoutMs: 1 } : {}) }
    try {
      if (chance(0.6)) await takeLock(options)
      else {
        using _held = await semaphore.acquire({ ...options, weight: chance(0.5) ? 1 : 3 })
        if (chance(0.2)) await new Promise(setImmediate)
      }
    } catch (reason) {
      const { code } = AndonError.from(reason)
      if (code !== 'cancelled' && code !== 'deadline') throw reason
    }
  }
}

async function takeLock(options: { signal: AbortSignal; timeoutMs?: number }): Promise<void> {
  using held = await lock.acquire(options)
  // One that died inside has left its mark there.
  if (Atomics.exchange(inside, 0, 1) === 1 && !held.abandoned) Atomics.add(inside, 1, 1)
  if (chance(0.2)) await new Promise(setImmediate)
  Atomics.store(inside, 0, 0)
}

/** Numerical Recipes' generator. */
function chance(of: number): boolean {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return state / 2 ** 32 < of
}
