// The first level: values of this process as they are, without a copy, within a number of bytes, found by key or by tag.

import { LRUCache } from 'lru-cache'
import type { AndonError } from '../core/errors.ts'

/** A value (or a remembered failure) and how long it may be given. All times are milliseconds since 1970. */
export interface Held<Value> {
  readonly value: Value | undefined
  readonly failure: AndonError | undefined
  /** Given without a thought until then; memory's own limit counts too. */
  readonly until: number
  /** From then on a call makes a new one in the background. */
  readonly refreshAt: number
  readonly freshUntil: number
  /** Given while a new one is made, until then. */
  readonly staleUntil: number
  /** Given when no new one can be made, until then. */
  readonly keptUntil: number
  readonly tags: readonly string[]
}

export interface MemoryOptions {
  /** Most bytes of all values. */
  readonly maxBytes: number
}

export class Memory<Value> {
  readonly #held: LRUCache<string, Held<Value>>
  readonly #byTag = new Map<string, Set<string>>()

  constructor({ maxBytes }: MemoryOptions) {
    this.#held = new LRUCache<string, Held<Value>>({
      maxSize: Math.max(1, maxBytes),
      maxEntrySize: Math.max(1, Math.ceil(maxBytes / 4)),
      dispose: (held, key) => this.#untag(key, held.tags),
    })
  }

  get(key: string): Held<Value> | undefined {
    return this.#held.get(key)
  }

  has(key: string): boolean {
    return this.#held.has(key)
  }

  /** Keeps a value of about so many bytes, or says that it does not: one takes at most a quarter of all. */
  set(key: string, held: Held<Value>, bytes: number): boolean {
    this.#held.set(key, held, { size: Math.max(1, Math.ceil(bytes)) })
    for (const tag of held.tags) {
      const keys = this.#byTag.get(tag)
      if (keys) keys.add(key)
      else this.#byTag.set(tag, new Set([key]))
    }
    const kept = this.#held.has(key)
    if (!kept) this.#untag(key, held.tags)
    return kept
  }

  delete(key: string): boolean {
    return this.#held.delete(key)
  }

  /** Deletes what has the tag; how many it was. */
  deleteTag(tag: string): number {
    const keys = this.#byTag.get(tag)
    if (!keys) return 0
    const all = [...keys]
    for (const key of all) this.#held.delete(key)
    return all.length
  }

  /** Deletes all that has any tag. */
  deleteTagged(): void {
    for (const tag of this.#byTag.keys()) this.deleteTag(tag)
  }

  clear(): void {
    this.#held.clear()
  }

  get bytes(): number {
    return this.#held.calculatedSize
  }

  get size(): number {
    return this.#held.size
  }

  #untag(key: string, tags: readonly string[]): void {
    for (const tag of tags) {
      const keys = this.#byTag.get(tag)
      keys?.delete(key)
      if (keys?.size === 0) this.#byTag.delete(tag)
    }
  }
}
