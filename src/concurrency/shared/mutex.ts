// A word of shared memory that one thread at a time holds, with the line of those who wait for it in this thread.
//
// The word is 0 (free), 1 (promised to the thread that was just woken) or names its holder: (thread + 1) << 2 | 2, with
// the lowest bit set once another thread sleeps (after Drepper, "Futexes Are Tricky", the three-state mutex). Whoever
// finds it held sets that bit and sleeps; whoever lets go of a word with the bit wakes one.

import { threadId } from 'node:worker_threads'
import type { Held } from '../held.ts'
import { WaiterList, type PrimitiveOptions, type WaitOptions } from '../waiters.ts'
import type { Words } from './memory.ts'
import { Sleeper } from './sleeper.ts'

const free = 0
const promised = 1
const slept = 1

/** The word as a thread holds it while nobody else sleeps. */
const wordOf = (thread: number): number => ((thread + 1) << 2) | 2

/** How often a thread may let go of it, or pass it on to itself, while others sleep; then it is promised to one of them. */
const mostPassed = 32

/** Words that a mutex takes: its state, and whether its last holder died. */
export const mutexWords = 2

/** One mutex, as this thread sees it. */
export class Mutex {
  readonly #words: Words
  readonly #index: number
  readonly #line: WaiterList<MutexHold>
  readonly #sleeper: Sleeper
  readonly #mine = wordOf(threadId)
  #held = false
  #passed = 0

  constructor(words: Words, index: number, kind: string, options: PrimitiveOptions = {}) {
    this.#words = words
    this.#index = index
    this.#line = new WaiterList({ kind, late: 'was not free' }, options, () => this.#left())
    this.#sleeper = new Sleeper(words, index, (notified) => this.#woken(notified))
  }

  /** Whether any thread holds it. */
  get held(): boolean {
    return Atomics.load(this.#words, this.#index) > promised
  }

  /** How many wait in this thread. */
  get waiting(): number {
    return this.#line.size
  }

  take(): MutexHold | undefined {
    if (this.#held || this.#line.size > 0 || this.#line.closed) return undefined
    if (Atomics.compareExchange(this.#words, this.#index, free, this.#mine) !== free) return undefined
    this.#held = true
    return this.#hold()
  }

  acquire(options: WaitOptions | undefined): Promise<MutexHold> {
    const refusal = this.#line.refusal(options)
    if (refusal) return Promise.reject(refusal)
    const hold = this.take()
    if (hold) return Promise.resolve(hold)
    const { promise } = this.#line.add(undefined, options)
    if (!this.#held && this.#line.size === 1) this.#reach(false)
    return promise
  }

  /** @internal */
  give(): void {
    const word = Atomics.load(this.#words, this.#index)
    const mine = (word & ~slept) === this.#mine
    if (mine && this.#line.size > 0 && (word === this.#mine || this.#passed < mostPassed)) {
      if (word !== this.#mine) this.#passed++
      this.#line.shift()?.resolve(this.#hold())
      return
    }
    this.#held = false
    if (mine) this.#free()
    if (this.#line.size > 0) this.#reach(false)
  }

  /** Ends the hold of a thread that is gone; false when it held nothing. */
  forget(thread: number): boolean {
    for (;;) {
      const word = Atomics.load(this.#words, this.#index)
      if ((word & ~slept) !== wordOf(thread)) return false
      Atomics.store(this.#words, this.#index + 1, 1)
      if (Atomics.compareExchange(this.#words, this.#index, word, promised) !== word) continue
      this.#keepPromise()
      return true
    }
  }

  /** All who wait in this thread hear `unavailable`. */
  close(): void {
    this.#line.close()
    this.#left()
  }

  #hold(): MutexHold {
    return new MutexHold(this, Atomics.exchange(this.#words, this.#index + 1, 0) === 1)
  }

  #free(): void {
    if (Atomics.compareExchange(this.#words, this.#index, this.#mine, free) === this.#mine) return
    if (++this.#passed < mostPassed) {
      Atomics.store(this.#words, this.#index, free)
      Atomics.notify(this.#words, this.#index, 1)
      return
    }
    this.#passed = 0
    Atomics.store(this.#words, this.#index, promised)
    this.#keepPromise()
  }

  /** Wakes the one that has slept longest; when there is none, the word is free again. */
  #keepPromise(): void {
    if (Atomics.notify(this.#words, this.#index, 1) > 0) return
    // Whoever fell asleep between the two is woken by the second.
    if (Atomics.compareExchange(this.#words, this.#index, promised, free) === promised)
      Atomics.notify(this.#words, this.#index)
  }

  #woken(notified: boolean): void {
    if (!this.#held && this.#line.size > 0) return this.#reach(true)
    this.#sleeper.rest()
    if (notified) this.#passOn()
  }

  /** Takes it for the first in the line, or sleeps. Only one that was woken may take what is promised. */
  #reach(woken: boolean): void {
    for (;;) {
      const word = Atomics.load(this.#words, this.#index)
      if (word === free || (word === promised && woken)) {
        // Others may sleep still: nobody counts them.
        if (Atomics.compareExchange(this.#words, this.#index, word, this.#mine | slept) !== word) continue
        this.#held = true
        this.#sleeper.rest()
        this.#line.shift()?.resolve(this.#hold())
        return
      }
      if (word > promised && (word & slept) === 0) {
        Atomics.compareExchange(this.#words, this.#index, word, word | slept)
        continue
      }
      if (this.#sleeper.sleep(word)) return
    }
  }

  /** The notification was for somebody, and nobody here needs it. */
  #passOn(): void {
    for (;;) {
      const word = Atomics.load(this.#words, this.#index)
      if (word === promised) return this.#keepPromise()
      if (word === free) return void Atomics.notify(this.#words, this.#index, 1)
      if (Atomics.compareExchange(this.#words, this.#index, word, word | slept) === word) return
    }
  }

  #left(): void {
    if (this.#line.size === 0) this.#sleeper.rest()
  }
}

/** A hold of a mutex. */
export class MutexHold implements Held {
  /** Whether the holder before this one died without giving back: what the lock protects may be half done. */
  readonly abandoned: boolean
  #mutex: Mutex | undefined

  constructor(mutex: Mutex, abandoned: boolean) {
    this.#mutex = mutex
    this.abandoned = abandoned
  }

  get held(): boolean {
    return this.#mutex !== undefined
  }

  release(): void {
    const mutex = this.#mutex
    this.#mutex = undefined
    mutex?.give()
  }

  [Symbol.dispose](): void {
    this.release()
  }
}
