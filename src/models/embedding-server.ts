// What the servers of all embedding protocols have in common: the connection, texts sent in batches with the prefix
// of their kind, and vectors of one dimension.

import type { Call } from '../core/station.ts'
import { baseAddress } from './address.ts'
import { Batcher } from './batches.ts'
import { batchTokens, embedderId, embedderSettings } from './embedding-options.ts'
import type { EmbedderOptions } from './embedding-options.ts'
import { Endpoint } from './endpoint.ts'
import type { KeyHeader } from './keys.ts'
import type { Embedder, EmbeddingKind } from './model.ts'
import type { TextsUsed } from './texts-usage.ts'
import { DimensionGuard } from './vectors.ts'

/** How one protocol differs from the other. */
interface Protocol {
  /** Path below the address, when the address may be given without it. */
  version?: string
  /** The model's name, where requests say it. */
  model?: string
  /** Inputs of one request, unless the options say. */
  batch: number
  /** Default `authorization`. */
  keyHeader?: KeyHeader
}

/** An embedder behind an address; a protocol says how one batch is asked for. */
export abstract class EmbeddingServer implements Embedder, AsyncDisposable {
  readonly id: string
  protected readonly options: EmbedderOptions
  protected readonly endpoint: Endpoint
  protected readonly guard: DimensionGuard
  readonly #batcher: Batcher

  constructor(options: EmbedderOptions, { version, model, batch, keyHeader }: Protocol) {
    this.id = embedderId(options)
    this.options = options
    const settings = options.settings ?? embedderSettings
    this.endpoint = new Endpoint({
      kind: 'embedding server',
      base: baseAddress(options.url, settings.address, version),
      addressSetting: settings.address,
      keySetting: settings.key,
      modelSetting: settings.model,
      ...(model === undefined ? {} : { model }),
      ...(keyHeader === undefined ? {} : { keyHeader }),
      ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
      ...(options.connectMs === undefined ? {} : { connectMs: options.connectMs }),
    })
    this.guard = new DimensionGuard(this.endpoint.who, embedderSettings.dimensions, options.dimensions)
    this.#batcher = new Batcher({
      count: options.batch ?? batch,
      tokens: batchTokens,
      concurrency: options.concurrency ?? 4,
      ...(options.attempts === undefined ? {} : { attempts: options.attempts }),
      span: { station: 'embed', place: this.endpoint.host },
    })
  }

  async embed(texts: string[], kind: EmbeddingKind, call: Call, used?: TextsUsed): Promise<Float32Array[]> {
    const prefix = this.options.prefixes?.[kind] ?? ''
    return this.#batcher.run(
      prefix === '' ? texts : texts.map((text) => prefix + text),
      (batch, call) => this.batch(batch, call, kind, used),
      call,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endpoint[Symbol.asyncDispose]()
  }

  /** Asks for the vectors of one batch, in its order, and tells what they took where the protocol says it. */
  protected abstract batch(
    texts: string[],
    call: Call,
    kind: EmbeddingKind,
    used: TextsUsed | undefined,
  ): Promise<Float32Array[]>
}
