import { deepEqual, equal, ok } from 'node:assert/strict'
import test from 'node:test'
import { RateLimiter } from './rate-limiter.ts'

test("on the machine's clock tokens come in time, in the order in which they were asked for", async () => {
  using limiter = new RateLimiter({ perSecond: 200, burst: 2 })
  const order: number[] = []
  const began = performance.now()
  await Promise.all(
    [1, 1, 2, 1].map(async (tokens, index) => {
      await limiter.acquire({ tokens })
      order.push(index)
    }),
  )
  deepEqual(order, [0, 1, 2, 3])
  // Three tokens more than the burst cannot have come sooner than that.
  ok(performance.now() - began >= 14)
  equal(limiter.waiting, 0)
})
