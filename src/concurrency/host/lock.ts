// A lock that all processes of a host share, kept by their arbiter.

import type { Held } from '../held.ts'
import type { WaitOptions } from '../waiters.ts'
import { PermitsLine } from './permits-line.ts'
import type { HostOptions } from './semaphore.ts'

/**
 * Mutual exclusion among all processes that share an arbiter. `using held = await lock.acquire({ signal })`.
 *
 * Promises: never two holders while they live; a process that ends, however it ends, holds nothing from then on; first
 * come, first served within a process, and in turns between them. The arbiter itself may be killed: another process
 * takes its place, and nothing is granted before those who live have said what they hold.
 * Does not promise: an order between processes, an answer while no arbiter can be reached (give a signal or a time
 * limit), or anything towards other hosts. One process opens a name once, and shares it.
 * Disposing it: who waits and who comes hears `unavailable`; who holds it finishes undisturbed.
 */
export class Lock implements Disposable {
  readonly name: string
  readonly #line: PermitsLine

  constructor(name: string, options: HostOptions) {
    this.name = name
    const late = { kind: 'lock of the host', late: 'was not free' }
    this.#line = new PermitsLine(options.arbiter, `lock ${name}`, 1, late, { ...options, name })
  }

  /** How many wait in this process. */
  get waiting(): number {
    return this.#line.waiting
  }

  /** Waits for its turn. */
  acquire(options?: WaitOptions): Promise<Held> {
    return this.#line.acquire(1, options)
  }

  [Symbol.dispose](): void {
    this.#line[Symbol.dispose]()
  }
}
