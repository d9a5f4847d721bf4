import { equal, rejects } from 'node:assert/strict'
import { scheduler } from 'node:timers/promises'
import { currentCall, openThreadPool } from 'andon/concurrency/pools'

export function primesBelow(limit: number): number {
  let primes = 0
  for (let number = 2; number < limit; number++) {
    let divisor = 2
    while (divisor * divisor <= number && number % divisor !== 0) divisor++
    if (divisor * divisor > number) primes++
  }
  return primes
}

/** Says in shared memory that it has begun (1), and that it was told to stop (2). */
export async function search(progress: Int32Array): Promise<void> {
  try {
    for (;;) {
      currentCall()?.signal.throwIfAborted()
      if (Atomics.compareExchange(progress, 0, 0, 1) === 0) Atomics.notify(progress, 0)
      await scheduler.yield()
    }
  } finally {
    Atomics.store(progress, 0, 2)
    Atomics.notify(progress, 0)
  }
}

if (import.meta.main) {
  await using pool = await openThreadPool<typeof import('./pools.ts')>({ module: import.meta.url, size: 2 })
  const [few, many] = await Promise.all([pool.call('primesBelow', [100]), pool.call('primesBelow', [200_000])])
  console.log(`primes below 100: ${few}, below 200,000: ${many}`)
  equal(few + many, 25 + 17_984)

  const progress = new Int32Array(new SharedArrayBuffer(4))
  const caller = new AbortController()
  const searching = pool.call('search', [progress], { signal: caller.signal })
  await Atomics.waitAsync(progress, 0, 0).value
  caller.abort()
  await rejects(searching, { code: 'cancelled' })
  await Atomics.waitAsync(progress, 0, 1).value
  console.log('cancelled in the middle: the function heard it and stopped')
  equal(progress[0], 2)
}
