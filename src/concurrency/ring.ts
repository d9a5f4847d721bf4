// A ring: a queue of values in an array that grows in powers of two up to its capacity.

/** First in, first out; adding and taking cost the same however many there are. Its owner minds the capacity. */
export class Ring<Value> {
  // What lies from #head on, #size places around, is live; all other places are undefined.
  #places: (Value | undefined)[] = Array.from({ length: 4 })
  #head = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  push(value: Value): void {
    if (this.#size === this.#places.length) this.#grow()
    this.#places[(this.#head + this.#size) & (this.#places.length - 1)] = value
    this.#size++
  }

  /** Takes the oldest out. Ask for the size first: an empty ring throws. */
  shift(): Value {
    if (this.#size === 0) throw new RangeError('The ring is empty')
    const value = this.#places[this.#head] as Value
    this.#places[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#places.length - 1)
    this.#size--
    return value
  }

  #grow(): void {
    const { length } = this.#places
    const grown: (Value | undefined)[] = Array.from({ length: length * 2 })
    for (let place = 0; place < length; place++) grown[place] = this.#places[(this.#head + place) & (length - 1)]
    this.#places = grown
    this.#head = 0
  }
}
