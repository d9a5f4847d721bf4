// A map that forgets what was not used for longest, so that a cache has a bound.

export class LruMap<Key, Value> {
  readonly #limit: number
  readonly #entries = new Map<Key, Value>()

  /** Keeps at most `limit` entries. */
  constructor(limit: number) {
    this.#limit = Math.max(1, limit)
  }

  /** Number of entries kept. */
  get size(): number {
    return this.#entries.size
  }

  /** The value of a key, made now if it is not kept. */
  get(key: Key, make: () => Value): Value {
    const known = this.#entries.get(key)
    if (known !== undefined) {
      this.#entries.delete(key)
      this.#entries.set(key, known)
      return known
    }
    const made = make()
    this.#entries.set(key, made)
    if (this.#entries.size > this.#limit) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest)
        break
      }
    }
    return made
  }
}
