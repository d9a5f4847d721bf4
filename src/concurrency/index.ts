// andon/concurrency: what many flows of work in one process need to share things in good order.
//
//   import { Lock, Semaphore, TaskGroup } from 'andon/concurrency'
//
//   const ledger = new Lock({ name: 'ledger' })
//   using held = await ledger.acquire({ signal, timeoutMs: 2_000 })
//
// All stand on one line of waiters: first come, first served, and whoever waits may leave at any time. They order the
// work of one thread; between threads, processes and hosts stand their namesakes. A hold orders work; where a stale
// holder could do harm (across hosts), only a fencing token makes it correct.

export { Barrier } from './barrier.ts'
export { Budget, type Reservation } from './budget.ts'
export { Channel, type ChannelOptions, type WhenFull } from './channel.ts'
export { Condition } from './condition.ts'
export { Deadline } from './deadline.ts'
export { asTask, watchDeadlocks } from './deadlock.ts'
export { Event } from './event.ts'
export type { Held } from './held.ts'
export { Latch } from './latch.ts'
export { Lock, type LockHold } from './lock.ts'
export { RateLimiter, type LimiterClock, type RateLimiterOptions, type TokenOptions } from './rate-limiter.ts'
export { ReadWriteLock } from './read-write-lock.ts'
export { Semaphore, type PermitOptions } from './semaphore.ts'
export { TaskGroup, type Task, type TaskGroupOptions } from './task-group.ts'
export type { PrimitiveOptions, WaitOptions } from './waiters.ts'
export { AndonError, type Code } from '../core/errors.ts'
