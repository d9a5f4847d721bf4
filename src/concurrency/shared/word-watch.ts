// Callers of one thread that wait until something is so, and look again whenever a word of shared memory was notified.

import { WaiterList, type LineDescription, type PrimitiveOptions, type WaitOptions } from '../waiters.ts'
import type { Words } from './memory.ts'
import { Sleeper } from './sleeper.ts'

/** Looks; undefined means not yet. What it throws ends the waiting. */
export type Attempt<Value> = () => Value | undefined

/** Those who wait for one word. Whoever changes it calls {@link changed} (or notifies all who sleep on it). */
export class WordWatch<Value> {
  readonly #words: Words
  readonly #index: number
  readonly #line: WaiterList<Value | Promise<Value>, Attempt<Value>>
  readonly #sleeper: Sleeper

  constructor(words: Words, index: number, description: LineDescription, options: PrimitiveOptions = {}) {
    this.#words = words
    this.#index = index
    this.#line = new WaiterList(description, options, () => this.#rest())
    this.#sleeper = new Sleeper(words, index, () => this.#look())
  }

  get waiting(): number {
    return this.#line.size
  }

  /** What the attempt comes to, as soon as it comes to anything. */
  until(attempt: Attempt<Value>, options: WaitOptions | undefined): Promise<Value> {
    const refusal = this.#line.refusal(options)
    if (refusal) return Promise.reject(refusal)
    const { promise } = this.#line.add(attempt, options)
    this.#look()
    return promise as Promise<Value>
  }

  /** All that sleep on the word look again, in every thread. */
  changed(): void {
    Atomics.notify(this.#words, this.#index)
  }

  close(): void {
    this.#line.close()
    this.#rest()
  }

  #look(): void {
    for (;;) {
      const seen = Atomics.load(this.#words, this.#index)
      let next = this.#line.first
      while (next) {
        const waiter = next
        next = waiter.after
        const value = result(waiter.want)
        if (value === undefined) continue
        this.#line.remove(waiter)
        waiter.resolve(value)
      }
      if (this.#line.size === 0) return this.#rest()
      if (this.#sleeper.sleep(seen)) return
    }
  }

  #rest(): void {
    if (this.#line.size === 0) this.#sleeper.rest()
  }
}

function result<Value>(attempt: Attempt<Value>): Value | Promise<Value> | undefined {
  try {
    return attempt()
  } catch (reason) {
    return Promise.reject(reason)
  }
}
