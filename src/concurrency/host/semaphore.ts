// A semaphore that all processes of a host share, counted by their arbiter.

import type { Arbiter } from '../arbiter.ts'
import type { Held } from '../held.ts'
import type { PermitOptions } from '../semaphore.ts'
import { wrong, type PrimitiveOptions } from '../waiters.ts'
import { PermitsLine } from './permits-line.ts'

/** What a primitive of the host may be told. */
export interface HostOptions extends Pick<PrimitiveOptions, 'maxWaiting'> {
  /** Who counts; see `openArbiter`. */
  arbiter: Arbiter
}

/**
 * At most so many at once, by weight, among all processes that share an arbiter.
 * `using held = await semaphore.acquire({ weight: 2, signal })`.
 *
 * Promises: never more permits out than there are (the lowest number that anybody names counts); a process that ends,
 * however it ends, holds nothing from then on; first come, first served within a process, and in turns between them, so
 * that a big one gets its permits in the end. The arbiter itself may be killed: another process takes its place.
 * Does not promise: an order between processes, an answer while no arbiter can be reached (give a signal or a time
 * limit), or anything towards other hosts. One process opens a name once, and shares it.
 * Disposing it: who waits and who comes hears `unavailable`; who holds permits finishes undisturbed.
 */
export class Semaphore implements Disposable {
  readonly name: string
  /** All permits. */
  readonly permits: number
  readonly #line: PermitsLine

  constructor(name: string, permits: number, options: HostOptions) {
    if (!Number.isSafeInteger(permits) || permits < 1)
      throw wrong('The permits of a semaphore', permits, 'a whole number from 1 up')
    this.name = name
    this.permits = permits
    const late = { kind: 'semaphore of the host', late: 'had not enough free permits' }
    this.#line = new PermitsLine(options.arbiter, `semaphore ${name}`, permits, late, { ...options, name })
  }

  /** How many wait in this process. */
  get waiting(): number {
    return this.#line.waiting
  }

  /** Waits for its turn and for as many permits as it weighs. */
  acquire(options: PermitOptions = {}): Promise<Held> {
    const { weight = 1 } = options
    if (Number.isSafeInteger(weight) && weight >= 1 && weight <= this.permits)
      return this.#line.acquire(weight, options)
    return Promise.reject(wrong(`A weight for the semaphore "${this.name}"`, weight, `from 1 to ${this.permits}`))
  }

  [Symbol.dispose](): void {
    this.#line[Symbol.dispose]()
  }
}
