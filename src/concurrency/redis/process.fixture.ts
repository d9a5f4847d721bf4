// A process that holds a lock or permits in Redis until it is killed, or counts with others.

import { Lock, RedisConnection, Semaphore } from './index.ts'

/** What it is to do. */
export interface Task {
  url: string
  leaseMs: number
  hold?: { weight: number }
  count?: { key: string; rounds: number }
}

const { url, leaseMs, hold, count } = JSON.parse(process.argv[2] ?? '') as Task
await using redis = new RedisConnection({ url, timeoutMs: 500 })
await using lock = new Lock('ledger', { redis, leaseMs })
await using semaphore = new Semaphore('gpu', 4, { redis, leaseMs })

if (hold) {
  const { fence } = await lock.acquire()
  await semaphore.acquire(hold)
  process.send?.(fence)
  await new Promise(() => setInterval(() => {}, 1_000))
}
if (count) {
  process.send?.('ready')
  let last = 0
  for (let left = count.rounds; left > 0; left--) {
    await using held = await lock.acquire()
    if (held.fence <= last) throw new Error(`The fence ${held.fence} came after ${last}`)
    last = held.fence
    // Between the two, another process inside would be lost.
    const seen = Number(String(await redis.send(count.key, ['GET', count.key])))
    await redis.send(count.key, ['SET', count.key, String(seen + 1)])
  }
}
process.disconnect()
