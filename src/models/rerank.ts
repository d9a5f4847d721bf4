// Scores from a rerank server, in both shapes that exist: the one of Cohere, Jina, Voyage, vLLM, SGLang and llama.cpp
// ({query, documents} → {results: [{index, relevance_score}]}, or `data`, or the list alone) and the one of Text
// Embeddings Inference ({query, texts} → [{index, score}]).

import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import { baseAddress } from './address.ts'
import { Batcher } from './batches.ts'
import { Dialect } from './dialect.ts'
import { batchTokens } from './embedding-options.ts'
import { Endpoint } from './endpoint.ts'
import { isRecord, statusBehind } from './failure.ts'
import type { Reranker } from './model.ts'
import { textsTokens, type TextsUsed } from './texts-usage.ts'
import { timeouts } from './timeouts.ts'
import { Watchdog } from './watchdog.ts'

export interface RerankerOptions {
  kind: 'cohere' | 'tei'
  /** Address of the server; `/rerank` is added, or `/v1/rerank` to one without a path that does not have that. */
  url: string
  apiKey?: string
  /** Not needed by servers that serve one model. */
  model?: string
  /** Texts of one request. Default 64 for cohere, 32 for tei (its own default limit). */
  batch?: number
  /** Requests on their way at once. Default 4. */
  concurrency?: number
  /** Attempts of one request, when the server is busy or away. Default 4. */
  attempts?: number
  /** Milliseconds for a connection. Default 5,000. */
  connectMs?: number
  /** Names of the settings, for messages. Default: the environment variables. */
  settings?: { address: string; key: string; model: string }
}

const variables = {
  address: 'ANDON_RERANKER_URL',
  key: 'ANDON_RERANKER_API_KEY',
  model: 'ANDON_RERANKER_MODEL',
} as const

export class RemoteReranker implements Reranker, AsyncDisposable {
  readonly name: string
  readonly #options: RerankerOptions
  readonly #endpoint: Endpoint
  readonly #batcher: Batcher
  readonly #dialect = new Dialect([
    { name: 'top_n', otherwise: 'top_k' },
    // Gone from the second version of Cohere's.
    { name: 'return_documents' },
    { name: 'truncate' },
  ])
  /** Paths that may be the right one, the likely one first. */
  readonly #paths: string[]

  constructor(options: RerankerOptions) {
    this.#options = options
    const settings = options.settings ?? variables
    const base = baseAddress(options.url, settings.address)
    this.#paths = base.pathname === '/' ? ['/rerank', '/v1/rerank'] : ['/rerank']
    this.#endpoint = new Endpoint({
      kind: 'rerank server',
      base,
      addressSetting: settings.address,
      keySetting: settings.key,
      modelSetting: settings.model,
      ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
      ...(options.connectMs === undefined ? {} : { connectMs: options.connectMs }),
      ...(options.model === undefined ? {} : { model: options.model }),
    })
    this.name = options.model ?? this.#endpoint.who.replace('The rerank server', 'the reranker')
    this.#batcher = new Batcher({
      count: options.batch ?? (options.kind === 'tei' ? 32 : 64),
      tokens: batchTokens * 4,
      concurrency: options.concurrency ?? 4,
      ...(options.attempts === undefined ? {} : { attempts: options.attempts }),
      span: { station: 'rerank', place: this.#endpoint.host },
    })
  }

  async rerank(query: string, texts: string[], call: Call, used?: TextsUsed): Promise<number[]> {
    return this.#batcher.run(texts, (batch, call) => this.#ask(query, batch, call, used), call)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#endpoint[Symbol.asyncDispose]()
  }

  async #ask(query: string, texts: string[], call: Call, used: TextsUsed | undefined): Promise<number[]> {
    const { who } = this.#endpoint
    const { kind, model } = this.#options
    const body =
      kind === 'tei'
        ? { query, texts, truncate: true }
        : { query, documents: texts, top_n: texts.length, return_documents: false, ...(model ? { model } : {}) }
    const answer = await this.#dialect.ask(
      () => this.#dialect.spoken(body),
      (spoken) => this.#post(spoken, call),
    )
    const results: unknown = isRecord(answer) ? (answer['results'] ?? answer['data']) : answer
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
    used?.(textsTokens(answer))
    return scores
  }

  async #post(body: Record<string, unknown>, call: Call): Promise<unknown> {
    const [path = '/rerank'] = this.#paths
    using watch = new Watchdog(call)
    const { who } = this.#endpoint
    watch.expectBy(performance.now() + timeouts.rerank, `${who} did not answer within ${timeouts.rerank / 1_000} s.`)
    try {
      return await this.#endpoint.json(path, body, watch)
    } catch (reason) {
      if (!(reason instanceof AndonError) || statusBehind(reason) !== 404 || this.#paths.length === 1) throw reason
      // Another request may have found it out while this one was on its way.
      if (this.#paths[0] === path) this.#paths.shift()
      return this.#post(body, call)
    }
  }
}
