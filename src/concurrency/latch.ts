// A latch: opens once, when a number of things have happened, and stays open.

import { WaiterList, wrong, type PrimitiveOptions, type WaitOptions } from './waiters.ts'

/**
 * Waiting until a count is down to nothing. `await latch.wait({ signal })`.
 *
 * Promises: all who wait are freed in the turn of the last `countDown`, in the order in which they came; afterwards
 * nobody waits. Counting down never waits.
 * Does not promise: that the same thing is not counted twice.
 * Disposing it before it is open: who waits and who comes to wait hears `unavailable`.
 */
export class Latch implements Disposable {
  readonly #line: WaiterList<void>
  #left: number

  constructor(count: number, options: PrimitiveOptions = {}) {
    if (!Number.isSafeInteger(count) || count < 0)
      throw wrong('The count of a latch', count, 'a whole number from 0 up')
    this.#left = count
    this.#line = new WaiterList({ kind: 'latch', late: 'was not open' }, options)
  }

  /** What is still to happen; 0 when it is open. */
  get left(): number {
    return this.#left
  }

  /** How many wait. */
  get waiting(): number {
    return this.#line.size
  }

  /** Says that so many things have happened. Default: one. More than are left opens it. */
  countDown(count = 1): void {
    if (!Number.isSafeInteger(count) || count < 1)
      throw wrong('What a latch counts down', count, 'a whole number from 1 up')
    this.#left = Math.max(0, this.#left - count)
    if (this.#left > 0) return
    for (let left = this.#line.size; left > 0; left--) this.#line.shift()?.resolve()
  }

  /** Waits until it is open. */
  wait(options?: WaitOptions): Promise<void> {
    if (this.#left === 0 && !options?.signal?.aborted) return Promise.resolve()
    return this.#line.wait(undefined, options)
  }

  [Symbol.dispose](): void {
    this.#line.close()
  }
}
