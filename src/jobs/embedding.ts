// Gives passages their vectors, behind the loading and never in its way: a document is found by its words at once,
// by its vectors later. What lacks a vector is asked of the store, so nothing is lost when the embedder or this
// process dies; an embedder that is down is asked again, more and more patiently.

import { setTimeout as sleep } from 'node:timers/promises'
import { openCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import type { Library } from '../stores/store.ts'

export interface EmbeddingOptions {
  library: Library
  embedder: { id: string; embed(texts: string[], kind: 'passage' | 'question', call: Call): Promise<Float32Array[]> }
  /** Passages asked for at once. Default 64. */
  batch?: number
  /** Milliseconds for one batch. Default 60,000. */
  timeoutMs?: number
  onError?: (error: AndonError) => void
  /** Called each time when no passage lacks its vector any more. */
  onComplete?: () => void | Promise<void>
}

const patienceMs = { first: 1_000, longest: 60_000 }

/** Runs until it is disposed. */
export class Embedding implements AsyncDisposable {
  readonly #options: EmbeddingOptions
  readonly #stop = new AbortController()
  #wake = Promise.withResolvers<void>()
  #trouble: AndonError | undefined
  readonly #loop: Promise<void>

  constructor(options: EmbeddingOptions) {
    this.#options = options
    this.#loop = this.#run()
  }

  /** Looks for passages without vectors now: call it after a document was published. */
  wake(): void {
    this.#wake.resolve()
  }

  /** Why the last batch failed; undefined when it did not. */
  get trouble(): AndonError | undefined {
    return this.#trouble
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new AndonError('cancelled', 'Andon is closing'))
    this.wake()
    await this.#loop
  }

  async #run(): Promise<void> {
    let patience = 0
    while (!this.#stop.signal.aborted) {
      this.#wake = Promise.withResolvers()
      try {
        const more = await this.#batch()
        patience = 0
        this.#trouble = undefined
        if (more) continue
        await this.#options.onComplete?.()
      } catch (reason) {
        if (this.#stop.signal.aborted) return
        this.#trouble = AndonError.from(reason, 'unavailable')
        this.#options.onError?.(this.#trouble)
        patience = Math.min(
          Math.max(patienceMs.first, patience * 2, this.#trouble.retryAfterMs ?? 0),
          patienceMs.longest,
        )
      }
      if (patience === 0) await this.#wake.promise
      else await sleep(patience, undefined, { signal: this.#stop.signal, ref: false }).catch(() => {})
    }
  }

  async #batch(): Promise<boolean> {
    const { library, embedder, batch = 64, timeoutMs = 60_000 } = this.#options
    const rows = await library.withoutVectors(embedder.id, batch)
    if (rows.length === 0) return false
    using call = openCall({ tenant: 'andon', signal: this.#stop.signal, budgetMs: timeoutMs })
    const vectors = await embedder.embed(
      rows.map((row) => row.text),
      'passage',
      call,
    )
    await library.putVectors(
      embedder.id,
      rows.map(({ rowId }, at) => {
        const vector = vectors[at]
        if (!vector)
          throw new AndonError(
            'unavailable',
            `The embedder ${embedder.id} answered ${vectors.length} vectors for ${rows.length} texts`,
          )
        return { rowId, vector }
      }),
    )
    return true
  }
}
