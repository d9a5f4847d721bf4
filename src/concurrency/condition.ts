// A condition: who holds a lock waits, without it, until another says that something has changed.

import { AndonError } from '../core/errors.ts'
import type { LockHold } from './lock.ts'
import { WaiterList, type PrimitiveOptions, type WaitOptions } from './waiters.ts'

/**
 * Waiting for a change of what a lock guards. `while (!ready) await changed.wait(held, { signal })`.
 *
 * Promises: the lock is given back and the line entered in one step, so that no notice is missed; when `wait` ends, well
 * or not, the lock is held again by the same hold (so an abort is heard only when the lock is free); notices go to
 * those who wait in the order in which they came, and none to one who has left.
 * Does not promise: that what was waited for is so when `wait` ends: others may have been first. Ask in a loop, or use
 * `waitFor`. Nor that a notice is kept for one who comes later: that is an Event.
 * Disposing it: who waits and who comes to wait hears `unavailable`. When the lock itself is closed meanwhile, the wait
 * ends with its `unavailable`, and the hold is not held any more.
 */
export class Condition implements Disposable {
  readonly #line: WaiterList<void>

  constructor(options: PrimitiveOptions = {}) {
    this.#line = new WaiterList({ kind: 'condition', late: 'had no notice' }, options)
  }

  /** How many wait for a notice. */
  get waiting(): number {
    return this.#line.size
  }

  /** Lets go of the lock, waits for a notice, and holds the lock again. */
  async wait(held: LockHold, options?: WaitOptions): Promise<void> {
    const refusal = this.#line.refusal(options)
    if (refusal) throw refusal
    const takeAgain = held.lend()
    try {
      await this.#line.add(undefined, options).promise
    } finally {
      await takeAgain()
    }
  }

  /** Waits until the predicate, asked while the lock is held, is true. The time limit is for all of it. */
  async waitFor(predicate: () => boolean, held: LockHold, options: WaitOptions = {}): Promise<void> {
    const { timeoutMs } = options
    const until = timeoutMs === undefined ? undefined : performance.now() + timeoutMs
    if (!held.held) throw new AndonError('invalid', 'A condition is asked under its lock: acquire it first')
    while (!predicate())
      await this.wait(
        held,
        until === undefined ? options : { ...options, timeoutMs: Math.max(0, until - performance.now()) },
      )
  }

  /** Wakes those who have waited longest. Default: one. Meant to be called while one holds the lock; not checked. */
  notify(count = 1): void {
    for (let left = Math.min(count, this.#line.size); left > 0; left--) this.#line.shift()?.resolve()
  }

  /** Wakes all who wait now. */
  notifyAll(): void {
    this.notify(Infinity)
  }

  [Symbol.dispose](): void {
    this.#line.close()
  }
}
