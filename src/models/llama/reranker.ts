// Scores from a reranking model in a GGUF file, run by llama.cpp in a child process.

import { childCall } from '../../core/call.ts'
import { AndonError } from '../../core/errors.ts'
import { recipeBeside } from '../../core/recipe.ts'
import { one } from '../../core/station.ts'
import type { Call, Places, Station } from '../../core/station.ts'
import type { Reranker } from '../model.ts'
import { timeouts } from '../timeouts.ts'
import type { EncoderInput, EncoderOutput, EncoderSettings } from './contract.ts'
import type { LlamaOptions } from './options.ts'
import { engineSettings, llamaName } from './settings.ts'

export class LlamaReranker implements Reranker, AsyncDisposable {
  readonly name: string
  readonly #station: Station<EncoderInput, EncoderOutput> & AsyncDisposable

  private constructor(name: string, station: Station<EncoderInput, EncoderOutput> & AsyncDisposable) {
    this.name = name
    this.#station = station
  }

  /** Opens the model in the pool `where`. Errors as those of `LlamaChat.open`; `invalid` for one that scores nothing. */
  static async open(options: LlamaOptions, places: Places, where: string): Promise<LlamaReranker> {
    const settings: EncoderSettings = { ...engineSettings(options), does: 'rerank' }
    const recipe = recipeBeside<EncoderInput, EncoderOutput>(import.meta, './encoder-station', 'open', settings)
    return new LlamaReranker(llamaName(options), await places.open(recipe, where))
  }

  /** Probabilities from 0 to 1. Of a text that is longer than the model reads, its best part counts. */
  async rerank(query: string, texts: string[], call: Call): Promise<number[]> {
    if (texts.length === 0) return []
    using own = childCall(call, { budgetMs: timeouts.rerank })
    const { data } = await one(this.#station, { ask: 'rerank', query, texts }, own)
    if (data.length !== texts.length || !data.every(Number.isFinite))
      throw new AndonError('unavailable', `${this.name} did not give one score for each of ${texts.length} texts.`)
    return Array.from(data)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#station[Symbol.asyncDispose]()
  }
}
