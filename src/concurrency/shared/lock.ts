// A lock that threads share.

import type { PrimitiveOptions, WaitOptions } from '../waiters.ts'
import { allocate, attach, headWords } from './memory.ts'
import { Mutex, mutexWords, type MutexHold } from './mutex.ts'

/**
 * Mutual exclusion among all asynchronous functions of all threads of a process. Send `lock.memory` to a thread, and have
 * it say `Lock.from(memory)`; then `using held = await lock.acquire({ signal })` in each.
 *
 * Promises: never two holders; first come, first served within a thread; between threads, one that is woken may be
 * outrun 32 times by the thread that lets go, and then it has its turn. Whoever leaves (signal, time limit) is skipped.
 * Nobody's event loop is blocked, and whoever waits keeps its thread alive.
 * Does not promise: an exact order between threads, or to notice by itself that its holder's thread has ended: that is
 * told with `forget` (or `forgetWhenEnded`), and the next holder sees `abandoned`.
 * Disposing it concerns this thread only: who waits here hears `unavailable`.
 */
export class Lock implements Disposable {
  /** What another thread needs; it can be posted. */
  readonly memory: SharedArrayBuffer
  readonly #mutex: Mutex

  constructor(options: PrimitiveOptions & { memory?: SharedArrayBuffer } = {}) {
    const words = options.memory ? attach('lock', options.memory) : allocate('lock', mutexWords)
    this.memory = words.buffer
    this.#mutex = new Mutex(words, headWords, 'shared lock', options)
  }

  /** The lock of this memory. Throws `invalid` when it is not that of a lock. */
  static from(memory: SharedArrayBuffer, options: PrimitiveOptions = {}): Lock {
    return new Lock({ ...options, memory })
  }

  /** Whether any thread holds it. */
  get held(): boolean {
    return this.#mutex.held
  }

  /** How many wait in this thread. */
  get waiting(): number {
    return this.#mutex.waiting
  }

  /** Waits for its turn. */
  acquire(options?: WaitOptions): Promise<MutexHold> {
    return this.#mutex.acquire(options)
  }

  /** Takes it when it is free now; undefined when not. */
  tryAcquire(): MutexHold | undefined {
    return this.#mutex.take()
  }

  /** A thread has ended: what it held is free, and the next holder sees `abandoned`. False when it held nothing. */
  forget(thread: number): boolean {
    return this.#mutex.forget(thread)
  }

  [Symbol.dispose](): void {
    this.#mutex.close()
  }
}
