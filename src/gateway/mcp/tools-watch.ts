// Tells when the list of a tenant's tools has changed: looked at now and then, while somebody listens.

import type { Factory } from '../../core/factory.ts'
import { fingerprintOf } from './registered.ts'

interface Watched {
  tenant: string | undefined
  listeners: Set<() => void>
  last: string | undefined
}

export class ToolsWatch implements Disposable {
  readonly #factory: Factory
  readonly #timer: NodeJS.Timeout
  readonly #watched = new Map<string, Watched>()
  #looking = false

  /** Looks every so many milliseconds. */
  constructor(factory: Factory, everyMs: number) {
    this.#factory = factory
    this.#timer = setInterval(() => void this.#look(), everyMs).unref()
  }

  /** Calls back at every change from now on. Returns how to stop listening. */
  listen(tenant: string | undefined, listener: () => void): () => void {
    const key = tenant ?? ''
    const watched = this.#watched.get(key) ?? { tenant, listeners: new Set(), last: undefined }
    this.#watched.set(key, watched)
    watched.listeners.add(listener)
    if (watched.last === undefined) void this.#compare(watched)
    return () => {
      watched.listeners.delete(listener)
      if (watched.listeners.size === 0) this.#watched.delete(key)
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#watched.clear()
  }

  async #look(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    for (const watched of this.#watched.values()) await this.#compare(watched)
    this.#looking = false
  }

  async #compare(watched: Watched): Promise<void> {
    try {
      const now = await fingerprintOf(this.#factory, watched.tenant)
      const before = watched.last
      watched.last = now
      if (before === undefined || before === now) return
      for (const listener of watched.listeners) listener()
    } catch {
      // A factory that cannot be asked now is asked again at the next look.
    }
  }
}
