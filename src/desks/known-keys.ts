// Keys that were looked up a moment ago, so that a request with one costs no look into the store.

import { announceTrouble } from '../core/channels.ts'
import type { KeyInfo } from '../core/key.ts'
import type { KeyStore } from '../stores/store.ts'

const mostKnown = 1_000
/** How exact the time of the last use is, in milliseconds. */
const notedEveryMs = 60_000

/** Keys by the hash of their secret. */
export class KnownKeys {
  readonly #store: KeyStore
  readonly #known = new Map<string, KeyInfo>()
  /** Grows when keys were revoked: what was read before says nothing about after. */
  #age = 0

  constructor(store: KeyStore) {
    this.#store = store
  }

  /** The key, unless it is none, or no longer one. Notes that it was used. */
  async find(hash: string): Promise<KeyInfo | undefined> {
    const key = this.#known.get(hash) ?? (await this.#read(hash))
    const now = Date.now()
    if (!key || key.revokedAt !== undefined || (key.expiresAt !== undefined && key.expiresAt <= now)) return undefined
    return this.#noted(hash, key, now)
  }

  /** Whatever was known may have changed. */
  forget(): void {
    this.#age++
    this.#known.clear()
  }

  async #read(hash: string): Promise<KeyInfo | undefined> {
    const age = this.#age
    const key = await this.#store.find(hash)
    if (key && age === this.#age) this.#keep(hash, key)
    return key
  }

  #noted(hash: string, key: KeyInfo, now: number): KeyInfo {
    if (key.lastUsedAt !== undefined && now - key.lastUsedAt < notedEveryMs) return key
    const used = { ...key, lastUsedAt: now }
    if (this.#known.has(hash)) this.#keep(hash, used)
    // Nobody waits for it.
    this.#store.used([{ id: key.id, at: now }]).catch((reason: unknown) => announceTrouble('keys', reason))
    return used
  }

  #keep(hash: string, key: KeyInfo): void {
    this.#known.delete(hash)
    if (this.#known.size >= mostKnown) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest)
        break
      }
    }
    this.#known.set(hash, key)
  }
}
