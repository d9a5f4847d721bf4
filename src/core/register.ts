// Things that come and go by the thousand, each found by its key: what a Map is to a Bag's Set. It is a Map that is made
// anew after so many have gone, before it grows old and keeps them alive (bag.ts says how).

/** So many go, besides twice as many as there are, before the map is made anew. */
const fewest = 128

export class Register<Key, Thing> {
  #things = new Map<Key, Thing>()
  #gone = 0

  get size(): number {
    return this.#things.size
  }

  get(key: Key): Thing | undefined {
    return this.#things.get(key)
  }

  has(key: Key): boolean {
    return this.#things.has(key)
  }

  set(key: Key, thing: Thing): void {
    this.#things.set(key, thing)
  }

  /** False when there was none. */
  delete(key: Key): boolean {
    if (!this.#things.delete(key)) return false
    if (++this.#gone > fewest + 2 * this.#things.size) {
      this.#things = new Map(this.#things)
      this.#gone = 0
    }
    return true
  }

  clear(): void {
    this.#things = new Map()
    this.#gone = 0
  }

  /** The keys of what is in it now; as with the values, changes meanwhile change nothing. */
  keys(): Key[] {
    return [...this.#things.keys()]
  }

  /** What is in it now, in the order of coming: changes meanwhile change nothing of that. */
  values(): Thing[] {
    return [...this.#things.values()]
  }
}
