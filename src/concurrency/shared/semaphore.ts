// A semaphore that threads share: a word of free permits behind a mutex that keeps the order.

import { threadId } from 'node:worker_threads'
import { AndonError } from '../../core/errors.ts'
import type { Held } from '../held.ts'
import type { PermitOptions } from '../semaphore.ts'
import { wrong, type PrimitiveOptions, type WaitOptions } from '../waiters.ts'
import { allocate, attach, headWords, type Words } from './memory.ts'
import { Mutex, mutexWords } from './mutex.ts'
import { WordWatch } from './word-watch.ts'

/** Where things are: all permits, the free ones, the mutex, then pairs of thread + 1 and how many that thread holds. */
const allAt = headWords
const freeAt = headWords + 1
const mutexAt = headWords + 2
const threadsAt = mutexAt + mutexWords

/** Most threads that may have used one semaphore and were not forgotten. */
const mostThreads = 1_024

/**
 * At most so many at once, by weight, among all threads of a process. Send `semaphore.memory` to a thread, and have it say
 * `Semaphore.from(memory)`; then `using held = await semaphore.acquire({ weight: 2, signal })` in each.
 *
 * Promises: never more permits out than there are; whoever waits at the front is served next, so that a small one does
 * not overtake a big one; the front is reached in the order that `Lock` promises. Whoever leaves is skipped.
 * Does not promise: to notice by itself that a thread has ended: `forget` gives back what it held. A thread that ends in
 * the middle of taking may cost permits, and never adds any.
 * Disposing it concerns this thread only: who waits here hears `unavailable`.
 */
export class Semaphore implements Disposable {
  /** What another thread needs; it can be posted. */
  readonly memory: SharedArrayBuffer
  /** All permits. */
  readonly permits: number
  readonly #words: Words
  readonly #front: Mutex
  readonly #room: WordWatch<Held>
  #thread: number | undefined

  constructor(permits: number, options: PrimitiveOptions & { memory?: SharedArrayBuffer } = {}) {
    if (!Number.isInteger(permits) || permits < 1 || permits > 0x7fff_ffff)
      throw wrong('The permits of a semaphore', permits, 'a whole number from 1 up')
    if (options.memory) this.#words = attach('semaphore', options.memory)
    else {
      this.#words = allocate('semaphore', threadsAt - headWords + 2 * mostThreads)
      this.#words[allAt] = permits
      this.#words[freeAt] = permits
    }
    this.memory = this.#words.buffer
    this.permits = permits
    this.#front = new Mutex(this.#words, mutexAt, 'shared semaphore', options)
    const late = { kind: 'shared semaphore', late: 'had not enough free permits' }
    this.#room = new WordWatch(this.#words, freeAt, late, options)
  }

  /** The semaphore of this memory. Throws `invalid` when it is not that of a semaphore. */
  static from(memory: SharedArrayBuffer, options: PrimitiveOptions = {}): Semaphore {
    return new Semaphore(attach('semaphore', memory)[allAt] ?? 0, { ...options, memory })
  }

  /** Permits that nobody holds. Those who wait come first. */
  get available(): number {
    return Atomics.load(this.#words, freeAt)
  }

  /** How many wait in this thread. */
  get waiting(): number {
    return this.#front.waiting + this.#room.waiting
  }

  /** Waits for its turn and for as many permits as it weighs. */
  async acquire(options: PermitOptions = {}): Promise<Held> {
    const { weight = 1, timeoutMs = Infinity } = options
    this.#check(weight)
    const since = performance.now()
    using _front = await this.#front.acquire(options)
    const held = this.#take(weight)
    if (held) return held
    const left: WaitOptions = { ...options, timeoutMs: Math.max(0, timeoutMs - (performance.now() - since)) }
    return await this.#room.until(() => this.#take(weight), left)
  }

  /** Takes permits when they are free now and nobody waits; undefined when not. */
  tryAcquire(weight = 1): Held | undefined {
    this.#check(weight)
    using front = this.#front.take()
    return front && this.#take(weight)
  }

  /** A thread has ended: what it held is free. False when it held nothing. */
  forget(thread: number): boolean {
    const wasFront = this.#front.forget(thread)
    const at = this.#find(thread + 1)
    if (at === undefined) return wasFront
    const held = Atomics.exchange(this.#words, at + 1, 0)
    Atomics.compareExchange(this.#words, at, thread + 1, 0)
    Atomics.add(this.#words, freeAt, held)
    this.#room.changed()
    return wasFront || held > 0
  }

  [Symbol.dispose](): void {
    this.#front.close()
    this.#room.close()
  }

  #take(weight: number): Held | undefined {
    const mine = (this.#thread ??= this.#enter())
    // Only whoever is at the front takes: meanwhile there can only be more of them.
    if (Atomics.load(this.#words, freeAt) < weight) return undefined
    Atomics.sub(this.#words, freeAt, weight)
    Atomics.add(this.#words, mine + 1, weight)
    return new Permits(() => {
      // Side by side, so that a thread can hardly end between them.
      Atomics.sub(this.#words, mine + 1, weight)
      Atomics.add(this.#words, freeAt, weight)
      this.#room.changed()
    })
  }

  /** The place of this thread in the table. */
  #enter(): number {
    const own = this.#find(threadId + 1)
    if (own !== undefined) return own
    for (let at = threadsAt; at < this.#words.length; at += 2)
      if (Atomics.compareExchange(this.#words, at, 0, threadId + 1) === 0) return at
    throw new AndonError(
      'overloaded',
      `${mostThreads} threads have used this shared semaphore: \`forget\` those that have ended`,
    )
  }

  #find(word: number): number | undefined {
    for (let at = threadsAt; at < this.#words.length; at += 2) if (Atomics.load(this.#words, at) === word) return at
    return undefined
  }

  #check(weight: number): void {
    if (Number.isInteger(weight) && weight >= 1 && weight <= this.permits) return
    throw wrong('A weight for the shared semaphore', weight, `a whole number from 1 to ${this.permits}`)
  }
}

class Permits implements Held {
  #give: (() => void) | undefined

  constructor(give: () => void) {
    this.#give = give
  }

  get held(): boolean {
    return this.#give !== undefined
  }

  release(): void {
    const give = this.#give
    this.#give = undefined
    give?.()
  }

  [Symbol.dispose](): void {
    this.release()
  }
}
