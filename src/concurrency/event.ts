// An event: a flag that can be waited for.

import { WaiterList, type PrimitiveOptions, type WaitOptions } from './waiters.ts'

/**
 * Something that is so or is not. `await event.wait({ signal })`.
 *
 * Promises: `set` frees all who wait at that moment, in the order in which they came, also when `clear` follows in the
 * same turn; while it is set nobody waits.
 * Does not promise: that it is still set when one who was freed goes on: look at `isSet`, or wait again.
 * Disposing it: who waits and who comes to wait hears `unavailable`.
 */
export class Event implements Disposable {
  readonly #line: WaiterList<void>
  #set = false

  constructor(options: PrimitiveOptions & { /** Default: false. */ set?: boolean } = {}) {
    this.#line = new WaiterList({ kind: 'event', late: 'was not set' }, options)
    this.#set = options.set ?? false
  }

  get isSet(): boolean {
    return this.#set
  }

  /** How many wait. */
  get waiting(): number {
    return this.#line.size
  }

  /** Nothing happens when it is set already. */
  set(): void {
    this.#set = true
    for (let left = this.#line.size; left > 0; left--) this.#line.shift()?.resolve()
  }

  clear(): void {
    this.#set = false
  }

  /** Waits until it is set. */
  wait(options?: WaitOptions): Promise<void> {
    if (this.#set && !options?.signal?.aborted && !this.#line.closed) return Promise.resolve()
    return this.#line.wait(undefined, options)
  }

  [Symbol.dispose](): void {
    this.#line.close()
  }
}
