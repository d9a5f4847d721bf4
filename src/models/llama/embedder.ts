// Vectors from an embedding model in a GGUF file, run by llama.cpp in a child process.

import { childCall } from '../../core/call.ts'
import { AndonError } from '../../core/errors.ts'
import { recipeBeside } from '../../core/recipe.ts'
import { one } from '../../core/station.ts'
import type { Call, Places, Station } from '../../core/station.ts'
import { embedderId } from '../embedding-options.ts'
import type { Embedder, EmbeddingKind } from '../model.ts'
import { timeouts } from '../timeouts.ts'
import { DimensionGuard } from '../vectors.ts'
import type { EncoderInput, EncoderOutput, EncoderSettings } from './contract.ts'
import type { LlamaOptions } from './options.ts'
import { engineSettings, llamaName } from './settings.ts'

/** Texts that travel together, so that one lost process costs little. */
const textsPerCall = 64

/** What an embedder has beside the options of its file. */
export interface LlamaEmbedderOptions extends LlamaOptions {
  /** Numbers per vector that are expected. Default: told from the first one. */
  dimensions?: number
  /** Put before each text, for models that were trained with it. Default: nothing. */
  prefixes?: Partial<Record<EmbeddingKind, string>>
}

export class LlamaEmbedder implements Embedder, AsyncDisposable {
  readonly id: string
  readonly #station: Station<EncoderInput, EncoderOutput> & AsyncDisposable
  readonly #prefixes: Partial<Record<EmbeddingKind, string>>
  readonly #guard: DimensionGuard

  private constructor(options: LlamaEmbedderOptions, station: Station<EncoderInput, EncoderOutput> & AsyncDisposable) {
    const model = llamaName(options)
    this.id = embedderId({ ...options, model })
    this.#station = station
    this.#prefixes = options.prefixes ?? {}
    this.#guard = new DimensionGuard(`The embedding model ${model}`, 'ANDON_EMBEDDER_DIMENSIONS', options.dimensions)
  }

  /** Opens the model in the pool `where`. Errors as those of `LlamaChat.open`. */
  static async open(options: LlamaEmbedderOptions, places: Places, where: string): Promise<LlamaEmbedder> {
    const { dimensions: _, prefixes: __, ...model } = options
    const settings: EncoderSettings = { ...engineSettings(model), does: 'embed' }
    const recipe = recipeBeside<EncoderInput, EncoderOutput>(import.meta, './encoder-station', 'open', settings)
    return new LlamaEmbedder(options, await places.open(recipe, where))
  }

  /** Of a text that is longer than the model reads, its beginning counts. */
  async embed(texts: string[], kind: EmbeddingKind, call: Call): Promise<Float32Array[]> {
    const prefix = this.#prefixes[kind] ?? ''
    const vectors: Float32Array[] = []
    for (let from = 0; from < texts.length; from += textsPerCall) {
      const part = texts.slice(from, from + textsPerCall).map((text) => prefix + text)
      using partCall = childCall(call, { budgetMs: timeouts.embed })
      const { columns, data } = await one(this.#station, { ask: 'embed', texts: part }, partCall)
      if (columns === 0 || data.length !== part.length * columns)
        throw new AndonError('unavailable', `${this.id} did not give one vector for each of ${part.length} texts.`)
      for (let row = 0; row < part.length; row++) vectors.push(data.slice(row * columns, (row + 1) * columns))
    }
    return this.#guard.checked(vectors)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#station[Symbol.asyncDispose]()
  }
}
