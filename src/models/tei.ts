// Vectors from Text Embeddings Inference in its own words: POST /embed gives one array of numbers for each input.

import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import { baseAddress } from './address.ts'
import { Batcher } from './batches.ts'
import { batchTokens, embedderId, embedderSettings } from './embedding-options.ts'
import type { EmbedderOptions } from './embedding-options.ts'
import { Endpoint } from './endpoint.ts'
import type { Embedder, EmbeddingKind } from './model.ts'
import { timeouts } from './timeouts.ts'
import { DimensionGuard, readVector } from './vectors.ts'
import { Watchdog } from './watchdog.ts'

export class TeiEmbedder implements Embedder, AsyncDisposable {
  readonly id: string
  readonly #options: EmbedderOptions
  readonly #endpoint: Endpoint
  readonly #batcher: Batcher
  readonly #guard: DimensionGuard

  constructor(options: EmbedderOptions) {
    this.id = embedderId(options)
    this.#options = options
    this.#endpoint = new Endpoint({
      kind: 'embedding server',
      base: baseAddress(options.url, embedderSettings.address),
      addressSetting: embedderSettings.address,
      keySetting: embedderSettings.key,
      modelSetting: embedderSettings.model,
      ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
    })
    this.#guard = new DimensionGuard(this.#endpoint.who, embedderSettings.dimensions, options.dimensions)
    this.#batcher = new Batcher({
      // What the server takes unless it was started with another --max-client-batch-size.
      count: options.batch ?? 32,
      tokens: batchTokens,
      concurrency: options.concurrency ?? 4,
    })
  }

  async embed(texts: string[], kind: EmbeddingKind, call: Call): Promise<Float32Array[]> {
    const prefix = this.#options.prefixes?.[kind] ?? ''
    return this.#batcher.run(
      prefix === '' ? texts : texts.map((text) => prefix + text),
      (batch, call) => this.#ask(batch, call),
      call,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#endpoint[Symbol.asyncDispose]()
  }

  async #ask(texts: string[], call: Call): Promise<Float32Array[]> {
    using watch = new Watchdog(call)
    const { who } = this.#endpoint
    const { timeoutMs = timeouts.embed } = this.#options
    watch.expectBy(performance.now() + timeoutMs, `${who} did not answer within ${timeoutMs / 1_000} s.`)
    const answer = await this.#endpoint.json('/embed', { inputs: texts, normalize: true, truncate: true }, watch)
    const vectors = Array.isArray(answer) ? answer.map(readVector) : []
    const whole = vectors.filter((vector) => vector !== undefined)
    if (whole.length !== texts.length)
      throw new AndonError('unavailable', `${who} did not give one vector for each of ${texts.length} texts.`, {
        detail: { retry: false },
      })
    return this.#guard.checked(whole)
  }
}
