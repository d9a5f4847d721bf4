// How long work behind the requests waits after a failure before it tries again: longer each time, up to a minute,
// and never less than whoever failed asked for.

import { setTimeout as sleep } from 'node:timers/promises'
import type { AndonError } from '../core/errors.ts'

const firstMs = 1_000
const longestMs = 60_000

export class Patience {
  #ms = 0

  /** It works again: the next failure begins anew. */
  reset(): void {
    this.#ms = 0
  }

  /** Waits after a failure, or until the signal aborts. */
  async wait(failure: AndonError, signal: AbortSignal): Promise<void> {
    this.#ms = Math.min(Math.max(firstMs, this.#ms * 2, failure.retryAfterMs ?? 0), longestMs)
    await sleep(this.#ms, undefined, { signal, ref: false }).catch(() => {})
  }
}
