// A stream as it grows: written once, read by many from its beginning, each at its own pace.

import { AndonError } from '../core/errors.ts'

export interface StreamRecord<Item> {
  readonly items: readonly Item[]
  /** Milliseconds from the beginning to each item. */
  readonly offsets: readonly number[]
}

export class StreamLog<Item> {
  readonly #items: Item[] = []
  readonly #offsets: number[] = []
  readonly #began = performance.now()
  readonly #readers = new Set<{ at: number }>()
  /** What lies before is gone, because everybody has read it and it is not going to be stored. */
  #base = 0
  /** How many items the present writer has said, of those that are there. */
  #said = 0
  #end: { readonly failure?: unknown } | undefined
  #replays = false
  #forgets = false
  #wake = Promise.withResolvers<void>()
  #wanted = Promise.withResolvers<void>()

  /** Whether it was there as a whole before anybody read it. */
  get replays(): boolean {
    return this.#replays
  }

  get record(): StreamRecord<Item> {
    return { items: this.#items, offsets: this.#offsets }
  }

  /** Somebody writes it from the beginning, perhaps in the place of another. */
  restart(): void {
    this.#said = 0
  }

  /**
   * Adds what a writer says next. What another writer said before it must be the same, or it fails with `unavailable`:
   * those who read it cannot take it back.
   */
  add(item: Item, same: (before: Item) => boolean): void {
    if (this.#said < this.#base + this.#items.length) {
      const before = this.#items[this.#said - this.#base]
      if (before === undefined || !same(before))
        throw new AndonError('unavailable', 'The stream broke off, and its second run said something else: ask again')
      this.#said++
      return
    }
    this.#said++
    this.#items.push(item)
    this.#offsets.push(Math.round(performance.now() - this.#began))
    this.#changed()
  }

  /** All of a stored stream; what was read of it already must be its beginning. */
  replay({ items, offsets }: StreamRecord<Item>, same: (a: Item, b: Item) => boolean): void {
    this.#replays = this.#items.length === 0
    this.restart()
    for (const item of items) this.add(item, (before) => same(before, item))
    if (this.#replays) this.#offsets.splice(0, Infinity, ...offsets)
    this.end()
  }

  end(): void {
    this.#end ??= {}
    this.#changed()
  }

  fail(failure: unknown): void {
    this.#end ??= { failure }
    this.#changed()
  }

  /** From now on what everybody has read is forgotten. */
  forget(): void {
    this.#forgets = true
    this.#trim()
  }

  /** Settles when a reader has read all there is and waits for more. */
  wanted(): Promise<void> {
    for (const reader of this.#readers) if (reader.at === this.#base + this.#items.length) return Promise.resolve()
    return this.#wanted.promise
  }

  /** Reads from the beginning. With `paced`, a replay takes as long as the stream took. */
  async *read(paced: boolean, signal: AbortSignal | undefined): AsyncGenerator<Item> {
    const reader = { at: this.#base }
    this.#readers.add(reader)
    const began = performance.now()
    const left = Promise.withResolvers<void>()
    const leave = (): void => left.resolve()
    signal?.addEventListener('abort', leave, { once: true })
    try {
      for (;;) {
        if (signal?.aborted) throw AndonError.from(signal.reason, 'cancelled')
        const place = reader.at - this.#base
        const item = this.#items[place]
        if (place < this.#items.length) {
          const due = paced && this.#replays ? (this.#offsets[place] ?? 0) - (performance.now() - began) : 0
          if (due > 0) {
            await pause(due, left.promise)
            continue
          }
          reader.at++
          this.#trim()
          yield item as Item
        } else if (this.#end) {
          if ('failure' in this.#end) throw this.#end.failure
          return
        } else {
          this.#wanted.resolve()
          this.#wanted = Promise.withResolvers()
          await Promise.race([this.#wake.promise, left.promise])
        }
      }
    } finally {
      signal?.removeEventListener('abort', leave)
      this.#readers.delete(reader)
      this.#trim()
    }
  }

  #trim(): void {
    if (!this.#forgets) return
    let least = this.#base + this.#items.length
    for (const { at } of this.#readers) least = Math.min(least, at)
    this.#items.splice(0, least - this.#base)
    this.#offsets.splice(0, least - this.#base)
    this.#base = least
  }

  #changed(): void {
    this.#wake.resolve()
    this.#wake = Promise.withResolvers()
  }
}

async function pause(ms: number, left: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  await Promise.race([promise, left])
  clearTimeout(timer)
}
