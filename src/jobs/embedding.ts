// Gives passages their vectors, behind the loading and never in its way: a document is found by its words at once,
// by its vectors later. What lacks a vector is asked of the store, so nothing is lost when the embedder or this
// process dies; an embedder that is down is asked again, more and more patiently. A text that it refuses is left to its
// words, so that the others get their vectors.

import { openCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import type { Library } from '../stores/store.ts'
import { Patience } from './patience.ts'

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

type Row = Awaited<ReturnType<Library['withoutVectors']>>[number]

/** Runs until it is disposed. */
export class Embedding implements AsyncDisposable {
  readonly #options: EmbeddingOptions
  readonly #stop = new AbortController()
  #wake = Promise.withResolvers<void>()
  #trouble: AndonError | undefined
  /** Rows whose texts the embedder does not take. They are tried again after the next start. */
  readonly #refused = new Set<number>()
  #hasWorked = false
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

  /** Passages that the embedder does not take: they are found by their words only. */
  get refused(): number {
    return this.#refused.size
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new AndonError('cancelled', 'Andon is closing'))
    this.wake()
    await this.#loop
  }

  async #run(): Promise<void> {
    const patience = new Patience()
    while (!this.#stop.signal.aborted) {
      this.#wake = Promise.withResolvers()
      try {
        const more = await this.#batch()
        patience.reset()
        this.#trouble = undefined
        if (more) continue
        await this.#options.onComplete?.()
        await this.#wake.promise
      } catch (reason) {
        if (this.#stop.signal.aborted) return
        this.#trouble = AndonError.from(reason, 'unavailable')
        this.#options.onError?.(this.#trouble)
        // A wake-up does not shorten this: an embedder that is down is not asked for each document.
        await patience.wait(this.#trouble, this.#stop.signal)
      }
    }
  }

  async #batch(): Promise<boolean> {
    const { library, embedder, batch = 64 } = this.#options
    const lacking = await library.withoutVectors(embedder.id, batch + this.#refused.size)
    const rows = lacking.filter(({ rowId }) => !this.#refused.has(rowId)).slice(0, batch)
    if (rows.length === 0) return false
    const refused = await this.#embedAll(rows)
    for (const { rowId } of refused) this.#refused.add(rowId)
    return true
  }

  /** Gives these passages their vectors; of a batch that is refused, all that can be. Returns the others. */
  async #embedAll(rows: Row[]): Promise<Row[]> {
    try {
      await this.#embed(rows)
      this.#hasWorked = true
      return []
    } catch (reason) {
      const { code } = AndonError.from(reason)
      if (code !== 'invalid' && code !== 'too-large') throw reason
      if (rows.length === 1) return rows
      const half = Math.ceil(rows.length / 2)
      const refused = [...(await this.#embedAll(rows.slice(0, half))), ...(await this.#embedAll(rows.slice(half)))]
      // An embedder that never took anything is set up wrong: that is no fault of the texts.
      if (!this.#hasWorked) throw reason
      return refused
    }
  }

  async #embed(rows: Row[]): Promise<void> {
    const { library, embedder, timeoutMs = 60_000 } = this.#options
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
  }
}
