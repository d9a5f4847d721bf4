// Vectors from an ONNX model on this machine. The model runs in a place that is handed in, a child process as a rule,
// because it computes without a pause and native code can take its process down with it.

import { childCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import { recipeBeside } from '../core/recipe.ts'
import { one } from '../core/station.ts'
import type { Call, Places, Station } from '../core/station.ts'
import { embedderId } from './embedding-options.ts'
import type { EmbeddedTexts, LocalEmbedderOptions } from './local-embedder-station.ts'
import type { Embedder, EmbeddingKind } from './model.ts'
import { timeouts } from './timeouts.ts'
import { DimensionGuard } from './vectors.ts'

export interface LocalEmbedderInput extends LocalEmbedderOptions {
  /** Name in the id. Default: the last part of the folder's path. */
  name?: string
  dimensions?: number
  prefixes?: Partial<Record<EmbeddingKind, string>>
}

/** Texts that travel together: their cancellation is heard between two of them. */
const textsPerCall = 64

export class LocalEmbedder implements Embedder, AsyncDisposable {
  readonly id: string
  readonly #station: Station<string[], EmbeddedTexts> & AsyncDisposable
  readonly #prefixes: Partial<Record<EmbeddingKind, string>>
  readonly #guard: DimensionGuard

  private constructor(input: LocalEmbedderInput, station: Station<string[], EmbeddedTexts> & AsyncDisposable) {
    const name =
      input.name ??
      input.model
        .replace(/[/\\]+$/, '')
        .split(/[/\\]/)
        .at(-1) ??
      'local'
    const precision = input.precision === undefined || input.precision === 'fp32' ? '' : `:${input.precision}`
    const pooling = input.pooling === undefined || input.pooling === 'mean' ? '' : `:${input.pooling}`
    this.id = embedderId({ ...input, model: name + precision + pooling })
    this.#station = station
    this.#prefixes = input.prefixes ?? {}
    this.#guard = new DimensionGuard(`The embedding model ${name}`, 'ANDON_EMBEDDER_DIMENSIONS', input.dimensions)
  }

  /** Opens the model in the pool `where`. Throws `unavailable` when the package is missing, `not-found` when the model is. */
  static async open(input: LocalEmbedderInput, places: Places, where: string): Promise<LocalEmbedder> {
    const { model, from, precision, pooling, batch } = input
    const options: LocalEmbedderOptions = {
      model,
      ...(from === undefined ? {} : { from }),
      ...(precision === undefined ? {} : { precision }),
      ...(pooling === undefined ? {} : { pooling }),
      ...(batch === undefined ? {} : { batch }),
    }
    const recipe = recipeBeside<string[], EmbeddedTexts>(import.meta, './local-embedder-station', 'open', {
      ...options,
    })
    return new LocalEmbedder(input, await places.open(recipe, where))
  }

  async embed(texts: string[], kind: EmbeddingKind, call: Call): Promise<Float32Array[]> {
    const prefix = this.#prefixes[kind] ?? ''
    const vectors: Float32Array[] = []
    for (let from = 0; from < texts.length; from += textsPerCall) {
      const part = texts.slice(from, from + textsPerCall).map((text) => prefix + text)
      using partCall = childCall(call, { budgetMs: timeouts.embed })
      const { dimension, data } = await one(this.#station, part, partCall)
      if (dimension === 0 || data.length !== part.length * dimension)
        throw new AndonError(
          'unavailable',
          `The embedding model did not give one vector for each of ${part.length} texts.`,
        )
      for (let row = 0; row < part.length; row++) vectors.push(data.slice(row * dimension, (row + 1) * dimension))
    }
    return this.#guard.checked(vectors)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#station[Symbol.asyncDispose]()
  }
}
