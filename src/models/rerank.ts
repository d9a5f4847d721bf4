// Scores from a rerank server, in both shapes that exist: the one of Cohere, Jina and vLLM
// ({query, documents} → {results: [{index, relevance_score}]}) and the one of Text Embeddings Inference
// ({query, texts} → [{index, score}]).

import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import { baseAddress } from './address.ts'
import { Batcher } from './batches.ts'
import { batchTokens } from './embedding-options.ts'
import { Endpoint } from './endpoint.ts'
import { isRecord } from './failure.ts'
import type { Reranker } from './model.ts'
import { timeouts } from './timeouts.ts'
import { Watchdog } from './watchdog.ts'

export interface RerankerOptions {
  kind: 'cohere' | 'tei'
  /** Address of the server; `/rerank` is added. */
  url: string
  apiKey?: string
  /** Not needed by servers that serve one model. */
  model?: string
  /** Texts of one request. Default 64 for cohere, 32 for tei (its own default limit). */
  batch?: number
  /** Requests on their way at once. Default 4. */
  concurrency?: number
}

const settings = {
  address: 'ANDON_RERANKER_URL',
  key: 'ANDON_RERANKER_API_KEY',
  model: 'ANDON_RERANKER_MODEL',
} as const

export class RemoteReranker implements Reranker, AsyncDisposable {
  readonly name: string
  readonly #options: RerankerOptions
  readonly #endpoint: Endpoint
  readonly #batcher: Batcher

  constructor(options: RerankerOptions) {
    this.#options = options
    this.#endpoint = new Endpoint({
      kind: 'rerank server',
      base: baseAddress(options.url, settings.address),
      addressSetting: settings.address,
      keySetting: settings.key,
      modelSetting: settings.model,
      ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
      ...(options.model === undefined ? {} : { model: options.model }),
    })
    this.name = options.model ?? this.#endpoint.who.replace('The rerank server', 'the reranker')
    this.#batcher = new Batcher({
      count: options.batch ?? (options.kind === 'tei' ? 32 : 64),
      tokens: batchTokens * 4,
      concurrency: options.concurrency ?? 4,
      span: { station: 'rerank', place: this.#endpoint.host },
    })
  }

  async rerank(query: string, texts: string[], call: Call): Promise<number[]> {
    return this.#batcher.run(texts, (batch, call) => this.#ask(query, batch, call), call)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#endpoint[Symbol.asyncDispose]()
  }

  async #ask(query: string, texts: string[], call: Call): Promise<number[]> {
    using watch = new Watchdog(call)
    const { who } = this.#endpoint
    watch.expectBy(performance.now() + timeouts.rerank, `${who} did not answer within ${timeouts.rerank / 1_000} s.`)
    const { kind, model } = this.#options
    const body =
      kind === 'tei'
        ? { query, texts, truncate: true }
        : { query, documents: texts, top_n: texts.length, return_documents: false, ...(model ? { model } : {}) }
    const answer = await this.#endpoint.json('/rerank', body, watch)
    const results: unknown = Array.isArray(answer) ? answer : isRecord(answer) ? answer['results'] : undefined
    const scores: number[] = []
    if (Array.isArray(results)) {
      for (const result of results.filter(isRecord)) {
        const score = result['relevance_score'] ?? result['score']
        const index = result['index']
        if (typeof index === 'number' && index < texts.length && typeof score === 'number' && Number.isFinite(score))
          scores[index] = score
      }
    }
    // A hole in the array counts too.
    if (Object.keys(scores).length !== texts.length)
      throw new AndonError(
        'unavailable',
        `${who} did not give one score for each of ${texts.length} texts: is ANDON_RERANKER_KIND (${kind}) right?`,
        { detail: { retry: false } },
      )
    return scores
  }
}
