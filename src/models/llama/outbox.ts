// Items that are put without waiting and read by one reader in their order. What is put has an end of its own: of an
// answer, its budget of tokens.

export class Outbox<Item> {
  #items: Item[] = []
  #closed = false
  #wake: (() => void) | undefined

  put(item: Item): void {
    this.#items.push(item)
    this.#wake?.()
  }

  /** The items end when this has settled, well or not. */
  closeAfter(work: Promise<unknown>): void {
    const close = (): void => {
      this.#closed = true
      this.#wake?.()
    }
    work.then(close, close)
  }

  async *items(): AsyncGenerator<Item, void, undefined> {
    for (;;) {
      const items = this.#items
      this.#items = []
      yield* items
      if (this.#items.length > 0) continue
      if (this.#closed) return
      await new Promise<void>((resolve) => (this.#wake = resolve))
      this.#wake = undefined
    }
  }
}
