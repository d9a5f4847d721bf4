// A lock between hosts, kept by Redis under a lease.

import type { WaitOptions } from '../waiters.ts'
import { LeasedPermits, type RedisPrimitiveOptions } from './lease-line.ts'
import type { Lease } from './lease.ts'

/**
 * Mutual exclusion among all processes that use one Redis. `await using held = await lock.acquire({ signal })`.
 *
 * Promises: while Redis keeps its data and holders notice `held.lost`, never two holders; a holder that dies holds it for
 * at most `leaseMs`; first come, first served within a process, and in the order of asking between processes; when Redis
 * is refused, full or hangs, whoever asks hears `unavailable` within the time of a command.
 * Does not promise: that a holder which stood still knows at once that its lease has ended, or that a Redis which lost
 * its data (a restart without a disk, a failover, an eviction) remembers who holds it. That is what `held.fence` is for:
 * single-flight with it is efficiency, and only comparing the fence where something is written is correctness.
 * Disposing it: who waits and who comes hears `unavailable`; who holds it finishes undisturbed.
 */
export class Lock implements AsyncDisposable {
  readonly name: string
  readonly #permits: LeasedPermits

  /** Throws `invalid` when an option is not what it should be. Connects by itself. */
  constructor(name: string, options: RedisPrimitiveOptions) {
    this.name = name
    this.#permits = new LeasedPermits('lock', name, 1, 'was not free', options)
  }

  /** How many wait in this process. */
  get waiting(): number {
    return this.#permits.waiting
  }

  /** Waits for its turn. */
  acquire(options?: WaitOptions): Promise<Lease> {
    return this.#permits.acquire(1, options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#permits[Symbol.asyncDispose]()
  }
}
