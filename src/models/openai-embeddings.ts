// Vectors from any server that speaks OpenAI's /embeddings: vLLM, Ollama, llama.cpp, Infinity, clouds.

import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import { baseAddress } from './address.ts'
import { Batcher } from './batches.ts'
import { Dialect } from './dialect.ts'
import { batchTokens, embedderId, embedderSettings } from './embedding-options.ts'
import type { EmbedderOptions } from './embedding-options.ts'
import { Endpoint } from './endpoint.ts'
import { problemIn, eventFailure } from './failure.ts'
import type { Embedder, EmbeddingKind } from './model.ts'
import { timeouts } from './timeouts.ts'
import { DimensionGuard, readEmbeddings } from './vectors.ts'
import { Watchdog } from './watchdog.ts'

export class OpenAiEmbedder implements Embedder, AsyncDisposable {
  readonly id: string
  readonly #options: EmbedderOptions
  readonly #endpoint: Endpoint
  readonly #batcher: Batcher
  readonly #guard: DimensionGuard
  readonly #dialect = new Dialect([{ name: 'encoding_format', called: /encoding_format|base64/ }])

  constructor(options: EmbedderOptions) {
    this.id = embedderId(options)
    this.#options = options
    this.#endpoint = new Endpoint({
      kind: 'embedding server',
      base: baseAddress(options.url, embedderSettings.address, '/v1'),
      addressSetting: embedderSettings.address,
      keySetting: embedderSettings.key,
      modelSetting: embedderSettings.model,
      model: options.model,
      ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
    })
    this.#guard = new DimensionGuard(this.#endpoint.who, embedderSettings.dimensions, options.dimensions)
    this.#batcher = new Batcher({
      count: options.batch ?? 64,
      tokens: batchTokens,
      concurrency: options.concurrency ?? 4,
    })
  }

  async embed(texts: string[], kind: EmbeddingKind, call: Call): Promise<Float32Array[]> {
    const prefix = this.#options.prefixes?.[kind] ?? ''
    return this.#batcher.run(
      prefix === '' ? texts : texts.map((text) => prefix + text),
      (batch, call) => this.#batch(batch, call),
      call,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#endpoint[Symbol.asyncDispose]()
  }

  async #batch(texts: string[], call: Call): Promise<Float32Array[]> {
    const body: Record<string, unknown> = {
      model: this.#options.model,
      input: texts,
      // A third of the bytes, and no parsing of numbers.
      encoding_format: 'base64',
      dimensions: this.#options.dimensions,
    }
    for (;;) {
      const spoken = this.#dialect.spoken(body)
      try {
        return await this.#ask(spoken, texts.length, call)
      } catch (reason) {
        if (!(reason instanceof AndonError) || !this.#dialect.learn(reason, spoken)) throw reason
      }
    }
  }

  async #ask(body: Record<string, unknown>, count: number, call: Call): Promise<Float32Array[]> {
    using watch = new Watchdog(call)
    const { who } = this.#endpoint
    const { timeoutMs = timeouts.embed } = this.#options
    watch.expectBy(performance.now() + timeoutMs, `${who} did not answer within ${timeoutMs / 1_000} s.`)
    const answer = await this.#endpoint.json('/embeddings', body, watch)
    const vectors = readEmbeddings(answer, count)
    if (vectors !== undefined) return this.#guard.checked(vectors)
    const problem = problemIn(answer)
    if (problem !== undefined) throw eventFailure(this.#endpoint.blame(), problem)
    throw new AndonError('unavailable', `${who} did not give one vector for each of ${count} texts.`, {
      detail: { retry: false },
    })
  }
}
