// Items that come from callbacks, read as a stream: what is added waits until it is read.

/** A queue of one reader. */
export class Items<Item> {
  readonly #waiting: Item[] = []
  #added = Promise.withResolvers<void>()
  #ended = false
  #failure: { reason: unknown } | undefined

  add(item: Item): void {
    this.#waiting.push(item)
    this.#added.resolve()
  }

  /** No more will come. */
  end(): void {
    this.#ended = true
    this.#added.resolve()
  }

  /** What was added is still read; then the reader hears the reason. */
  fail(reason: unknown): void {
    this.#failure ??= { reason }
    this.#added.resolve()
  }

  /** What was added, and what will be, until the end. */
  async *read(): AsyncGenerator<Item, void, undefined> {
    for (;;) {
      for (let item = this.#waiting.shift(); item !== undefined; item = this.#waiting.shift()) yield item
      if (this.#failure) throw this.#failure.reason
      if (this.#ended) return
      this.#added = Promise.withResolvers()
      // Something may have come between the last look and the promise of more.
      if (this.#waiting.length === 0 && !this.#isOver()) await this.#added.promise
    }
  }

  #isOver(): boolean {
    return this.#ended || this.#failure !== undefined
  }
}
