// What was invalidated while something was being made: a value that was begun before must not be kept after.

import { LRUCache } from 'lru-cache'

export class Invalidations {
  readonly #at: LRUCache<string, number>
  #now = 0
  /** All was invalidated at this moment, as far as is still known. */
  #floor = 0

  /** Remembers so many tags and keys one by one; the moment of one that is forgotten counts for all. */
  constructor(most = 10_000) {
    this.#at = new LRUCache<string, number>({
      max: most,
      dispose: (moment, _name, reason) => {
        if (reason === 'evict') this.#floor = Math.max(this.#floor, moment)
      },
    })
  }

  /** A moment, to be given to `since`. */
  get now(): number {
    return this.#now
  }

  note(name: string): void {
    this.#at.set(name, ++this.#now)
  }

  noteAll(): void {
    this.#floor = ++this.#now
  }

  /** Whether one of the names was invalidated after the moment. */
  since(moment: number, names: readonly string[]): boolean {
    if (this.#floor > moment) return true
    for (const name of names) if ((this.#at.get(name) ?? 0) > moment) return true
    return false
  }
}
