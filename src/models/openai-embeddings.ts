// Vectors from any server that speaks OpenAI's /embeddings: vLLM, Ollama, llama.cpp, Infinity, clouds.

import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import { Dialect } from './dialect.ts'
import type { EmbedderOptions } from './embedding-options.ts'
import { EmbeddingServer } from './embedding-server.ts'
import type { EmbeddingKind } from './model.ts'
import { problemIn, eventFailure } from './failure.ts'
import { textsTokens, type TextsUsed } from './texts-usage.ts'
import { timeouts } from './timeouts.ts'
import { readEmbeddings } from './vectors.ts'
import { Watchdog } from './watchdog.ts'

export class OpenAiEmbedder extends EmbeddingServer {
  readonly #dialect = new Dialect([{ name: 'encoding_format', called: /encoding_format|base64/ }])

  constructor(options: EmbedderOptions) {
    super(options, { version: '/v1', model: options.model, batch: 64 })
  }

  protected override async batch(
    texts: string[],
    call: Call,
    _kind: EmbeddingKind,
    used: TextsUsed | undefined,
  ): Promise<Float32Array[]> {
    const body: Record<string, unknown> = {
      model: this.options.model,
      input: texts,
      // A third of the bytes, and no parsing of numbers.
      encoding_format: 'base64',
      dimensions: this.options.dimensions,
    }
    return this.#dialect.ask(
      () => this.#dialect.spoken(body),
      (spoken) => this.#ask(spoken, texts.length, call, used),
    )
  }

  async #ask(
    body: Record<string, unknown>,
    count: number,
    call: Call,
    used: TextsUsed | undefined,
  ): Promise<Float32Array[]> {
    using watch = new Watchdog(call)
    const { who } = this.endpoint
    const { timeoutMs = timeouts.embed } = this.options
    watch.expectBy(performance.now() + timeoutMs, `${who} did not answer within ${timeoutMs / 1_000} s.`)
    const answer = await this.endpoint.json('/embeddings', body, watch)
    const vectors = readEmbeddings(answer, count)
    if (vectors !== undefined) {
      const checked = this.guard.checked(vectors)
      used?.(textsTokens(answer))
      return checked
    }
    const problem = problemIn(answer)
    if (problem !== undefined) throw eventFailure(this.endpoint.blame(), problem)
    throw new AndonError('unavailable', `${who} did not give one vector for each of ${count} texts.`, {
      detail: { retry: false },
    })
  }
}
