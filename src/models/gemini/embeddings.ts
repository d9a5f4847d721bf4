// Vectors from Gemini's own API: one request holds many texts, and says which side of the search they are on.
// https://ai.google.dev/api/embeddings

import { AndonError } from '../../core/errors.ts'
import type { Call } from '../../core/station.ts'
import { Dialect, unknownField } from '../dialect.ts'
import type { EmbedderOptions } from '../embedding-options.ts'
import { EmbeddingServer } from '../embedding-server.ts'
import { isRecord } from '../failure.ts'
import type { EmbeddingKind } from '../model.ts'
import { textsTokens, type TextsUsed } from '../texts-usage.ts'
import { timeouts } from '../timeouts.ts'
import { readVector } from '../vectors.ts'
import { Watchdog } from '../watchdog.ts'
import { modelName, modelPath } from './path.ts'

export class GeminiEmbedder extends EmbeddingServer {
  readonly #dialect = new Dialect([{ name: 'taskType', called: unknownField('task_?type') }])

  constructor(options: EmbedderOptions) {
    // A hundred is the most that it takes.
    super(options, { version: '/v1beta', model: options.model, batch: 64, keyHeader: 'x-goog-api-key' })
  }

  protected override async batch(
    texts: string[],
    call: Call,
    kind: EmbeddingKind,
    used: TextsUsed | undefined,
  ): Promise<Float32Array[]> {
    const said = {
      taskType: kind === 'passage' ? 'RETRIEVAL_DOCUMENT' : 'RETRIEVAL_QUERY',
      outputDimensionality: this.options.dimensions,
    }
    return this.#dialect.ask(
      () => this.#dialect.spoken(said),
      (spoken) => this.#ask(texts, spoken, call, used),
    )
  }

  async #ask(
    texts: string[],
    spoken: Record<string, unknown>,
    call: Call,
    used: TextsUsed | undefined,
  ): Promise<Float32Array[]> {
    using watch = new Watchdog(call)
    const { who } = this.endpoint
    const { model, timeoutMs = timeouts.embed } = this.options
    watch.expectBy(performance.now() + timeoutMs, `${who} did not answer within ${timeoutMs / 1_000} s.`)
    const requests = texts.map((text) => ({ model: modelName(model), content: { parts: [{ text }] }, ...spoken }))
    const answer = await this.endpoint.json(modelPath(model, 'batchEmbedContents'), { requests }, watch)
    const listed: unknown = isRecord(answer) ? answer['embeddings'] : undefined
    const vectors = (Array.isArray(listed) ? listed : []).flatMap((entry) => {
      const vector = isRecord(entry) ? readVector(entry['values']) : undefined
      return vector === undefined ? [] : [vector]
    })
    if (vectors.length !== texts.length)
      throw new AndonError('unavailable', `${who} did not give one vector for each of ${texts.length} texts.`, {
        detail: { retry: false },
      })
    const checked = this.guard.checked(vectors)
    used?.(textsTokens(answer))
    return checked
  }
}
