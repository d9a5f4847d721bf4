// What the keys of one cached function are called on the second level, and which of them memory has: news names them so.

import { hash } from 'node:crypto'

/** How many names of values that memory has lost are there at most, besides one for each that it has. */
const mostLost = 1_000

/** The memory that is named. */
interface Holder {
  readonly size: number
  has(key: string): boolean
}

export class LevelNames {
  readonly #prefix: string
  readonly #version: string
  readonly #holder: Holder
  readonly #keys = new Map<string, string>()

  constructor({ name, version }: { readonly name: string; readonly version: string }, holder: Holder) {
    this.#prefix = `${name}:`
    this.#version = `${version.length}:${version}`
    this.#holder = holder
  }

  of(key: string): string {
    return this.#prefix + hash('sha256', this.#version + key, 'base64url')
  }

  /** Whether it names a value of this function. */
  isOwn(levelKey: string): boolean {
    return levelKey.startsWith(this.#prefix)
  }

  /** Memory has the key. */
  note(levelKey: string, key: string): void {
    this.#keys.set(levelKey, key)
    if (this.#keys.size <= 2 * this.#holder.size + mostLost) return
    for (const [lost, gone] of this.#keys) if (!this.#holder.has(gone)) this.#keys.delete(lost)
  }

  /** The key of a name that was noted, from now on no more. */
  take(levelKey: string): string | undefined {
    const key = this.#keys.get(levelKey)
    this.#keys.delete(levelKey)
    return key
  }

  clear(): void {
    this.#keys.clear()
  }
}
