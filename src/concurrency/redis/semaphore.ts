// A semaphore between hosts, counted by Redis under leases.

import type { PermitOptions } from '../semaphore.ts'
import { wrong } from '../waiters.ts'
import { LeasedPermits, type RedisPrimitiveOptions } from './lease-line.ts'
import type { Lease } from './lease.ts'

/**
 * At most so many at once, by weight, among all processes that use one Redis.
 * `await using held = await semaphore.acquire({ weight: 2, signal })`.
 *
 * Promises: while Redis keeps its data and holders notice `held.lost`, never more permits out than there are; a holder
 * that dies holds its own for at most `leaseMs`; first come, first served within a process, and in the order of asking
 * between processes, so that a small one does not overtake a big one that waits; when Redis is refused, full or hangs,
 * whoever asks hears `unavailable` within the time of a command.
 * Does not promise: more than `Lock` of this folder does. All who share a name should name the same number of permits.
 * Disposing it: who waits and who comes hears `unavailable`; who holds permits finishes undisturbed.
 */
export class Semaphore implements AsyncDisposable {
  readonly name: string
  /** All permits. */
  readonly permits: number
  readonly #permits: LeasedPermits

  /** Throws `invalid` when an option is not what it should be. Connects by itself. */
  constructor(name: string, permits: number, options: RedisPrimitiveOptions) {
    if (!Number.isSafeInteger(permits) || permits < 1)
      throw wrong('The permits of a semaphore', permits, 'a whole number from 1 up')
    this.name = name
    this.permits = permits
    this.#permits = new LeasedPermits('semaphore', name, permits, 'had not enough free permits', options)
  }

  /** How many wait in this process. */
  get waiting(): number {
    return this.#permits.waiting
  }

  /** Waits for its turn and for as many permits as it weighs. */
  acquire(options: PermitOptions = {}): Promise<Lease> {
    const { weight = 1 } = options
    if (Number.isSafeInteger(weight) && weight >= 1 && weight <= this.permits)
      return this.#permits.acquire(weight, options)
    return Promise.reject(wrong(`A weight for the semaphore "${this.name}"`, weight, `from 1 to ${this.permits}`))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#permits[Symbol.asyncDispose]()
  }
}
