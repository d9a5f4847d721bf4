// An event that threads share: a word that is even while the event is clear and odd while it is set.

import type { PrimitiveOptions, WaitOptions } from '../waiters.ts'
import { allocate, attach, headWords, type Words } from './memory.ts'
import { WordWatch } from './word-watch.ts'

/**
 * Something that is so or is not, in all threads of a process. Send `event.memory` to a thread, and have it say
 * `Event.from(memory)`; then `await event.wait({ signal })` in each.
 *
 * Promises: `set` frees all who wait at that moment in every thread, also when `clear` follows at once; while it is set
 * nobody waits. Whoever waits keeps its thread alive.
 * Does not promise: that it is still set when one who was freed goes on, or an order between threads.
 * Disposing it concerns this thread only: who waits here hears `unavailable`.
 */
export class Event implements Disposable {
  /** What another thread needs; it can be posted. */
  readonly memory: SharedArrayBuffer
  readonly #words: Words
  readonly #watch: WordWatch<true>

  constructor(options: PrimitiveOptions & { memory?: SharedArrayBuffer; /** Default: false. */ set?: boolean } = {}) {
    this.#words = options.memory ? attach('event', options.memory) : allocate('event', 1)
    this.memory = this.#words.buffer
    this.#watch = new WordWatch(this.#words, headWords, { kind: 'shared event', late: 'was not set' }, options)
    if (options.set) this.set()
  }

  /** The event of this memory. Throws `invalid` when it is not that of an event. */
  static from(memory: SharedArrayBuffer, options: PrimitiveOptions = {}): Event {
    return new Event({ ...options, memory })
  }

  get isSet(): boolean {
    return (Atomics.load(this.#words, headWords) & 1) === 1
  }

  /** How many wait in this thread. */
  get waiting(): number {
    return this.#watch.waiting
  }

  /** Nothing happens when it is set already. */
  set(): void {
    this.#step(0)
  }

  clear(): void {
    this.#step(1)
  }

  /** Waits until it is set. */
  async wait(options?: WaitOptions): Promise<void> {
    const seen = Atomics.load(this.#words, headWords)
    // Another value means that it was set meanwhile, even when it is clear again.
    await this.#watch.until(() => this.isSet || Atomics.load(this.#words, headWords) !== seen || undefined, options)
  }

  [Symbol.dispose](): void {
    this.#watch.close()
  }

  /** One step, when the lowest bit is this. */
  #step(from: 0 | 1): void {
    const seen = Atomics.load(this.#words, headWords)
    if ((seen & 1) !== from) return
    // One that loses to another thread's step is as good as done just before it.
    if (Atomics.compareExchange(this.#words, headWords, seen, (seen + 1) | 0) === seen) this.#watch.changed()
  }
}
