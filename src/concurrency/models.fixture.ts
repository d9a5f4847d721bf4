// The models of all primitives: each does so many random operations on one and on its model, and throws when they differ.

import { channels } from './operations-channel.fixture.ts'
import { readWriteLock, semaphoreAndLock } from './operations-holds.fixture.ts'
import { barriers, conditions, events, latches, rateLimiters } from './operations-waits.fixture.ts'

/** By what is operated on. */
export const models: Readonly<Record<string, (rounds: number) => Promise<void>>> = {
  'semaphore and lock': semaphoreAndLock,
  'read/write lock': readWriteLock,
  'channel, with every policy': channels,
  event: events,
  latch: latches,
  barrier: barriers,
  condition: conditions,
  'rate limiter': rateLimiters,
}
