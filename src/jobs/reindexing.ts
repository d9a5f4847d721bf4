// Brings the index to another analyser's terms, behind everything else: the old terms answer until a tenant's new ones
// are whole. What is left to do is asked of the store, so nothing is lost when this process ends.

import { openCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import { one } from '../core/station.ts'
import type { Station } from '../core/station.ts'
import type { Generations, PassageTerms, PassageToAnalyse } from '../stores/store.ts'
import { Patience } from './patience.ts'

export interface ReindexingOptions {
  generations: Pick<Generations, 'reindexBatch' | 'putTerms'>
  /** Name and version of the analyser that `terms` uses. */
  analyser: string
  terms: Station<PassageToAnalyse[], PassageTerms[]>
  /** Passages at once. Default 128. */
  batch?: number
  onError?: (error: AndonError) => void
}

/** Runs until everything is done, or it is disposed. */
export class Reindexing implements AsyncDisposable {
  readonly #options: ReindexingOptions
  readonly #stop = new AbortController()
  /** Resolves with the number of passages that got new terms, when it is done or disposed. */
  readonly finished: Promise<number>

  constructor(options: ReindexingOptions) {
    this.#options = options
    this.finished = this.#run()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new AndonError('cancelled', 'Andon is closing'))
    await this.finished
  }

  async #run(): Promise<number> {
    let done = 0
    const patience = new Patience()
    while (!this.#stop.signal.aborted) {
      try {
        const count = await this.#batch()
        if (count === 0) break
        done += count
        patience.reset()
      } catch (reason) {
        if (this.#stop.signal.aborted) break
        const error = AndonError.from(reason)
        this.#options.onError?.(error)
        await patience.wait(error, this.#stop.signal)
      }
    }
    return done
  }

  async #batch(): Promise<number> {
    const { generations, analyser, terms, batch = 128 } = this.#options
    const passages = await generations.reindexBatch(analyser, batch)
    if (passages.length === 0) return 0
    using call = openCall({ tenant: 'andon', signal: this.#stop.signal })
    await generations.putTerms(analyser, await one(terms, passages, call))
    return passages.length
  }
}
