// What a router tells whoever listens: endpoints that go and come back, a record of each request, and what went wrong
// beside the requests.

import type { AndonError } from '../core/errors.ts'
import type { FailureKind } from './order.ts'
import type { UsageRecord } from './usage-records.ts'

export type RouterEvent =
  | { readonly type: 'endpoint-up'; readonly endpoint: string }
  /** It is not used for now, unless it is the last. */
  | {
      readonly type: 'endpoint-down'
      readonly endpoint: string
      readonly reason: FailureKind
      readonly message: string
    }
  /** It asked to be left alone. */
  | {
      readonly type: 'endpoint-cooling'
      readonly endpoint: string
      readonly reason: FailureKind
      readonly message: string
    }
  /** A request has ended. */
  | { readonly type: 'record'; readonly record: UsageRecord }
  /** Something failed that no caller hears of, such as keeping what was spent. */
  | { readonly type: 'warning'; readonly error: AndonError }

/** What a listener wants. */
export interface HearingOptions {
  /** Whether it wants a record of each request; while nobody does, none is made. Default true. */
  readonly records?: boolean
}

export class RouterEvents {
  readonly #listeners = new Set<(event: RouterEvent) => void>()
  readonly #recorders = new Set<(event: RouterEvent) => void>()

  /** Calls the listener with everything that it wants from now on, at once and in order. Returns how to stop. */
  subscribe(listener: (event: RouterEvent) => void, { records = true }: HearingOptions = {}): () => void {
    // Twice the same listener hears everything twice, and leaves twice.
    const own = (event: RouterEvent): void => listener(event)
    this.#listeners.add(own)
    if (records) this.#recorders.add(own)
    return () => {
      this.#listeners.delete(own)
      this.#recorders.delete(own)
    }
  }

  /** Whether anybody listens. */
  get heard(): boolean {
    return this.#listeners.size > 0
  }

  /** Whether anybody wants records. */
  get recorded(): boolean {
    return this.#recorders.size > 0
  }

  /** A listener that throws is the program's fault, and no request's. A warning that nobody hears is the process's. */
  tell(event: RouterEvent): void {
    if (event.type === 'warning' && !this.heard) process.emitWarning(event.error.sentence)
    for (const listener of event.type === 'record' ? this.#recorders : this.#listeners)
      try {
        listener(event)
      } catch (reason) {
        process.emitWarning(reason instanceof Error ? reason : String(reason))
      }
  }
}
