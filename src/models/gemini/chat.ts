// Chat with Gemini's own API.

import { ChatClient } from '../chat-client.ts'
import type { ChatOptions } from '../chat-client.ts'
import type { ChunkReader } from '../chunk-stream.ts'
import { Dialect, unknownField } from '../dialect.ts'
import { isRecord } from '../failure.ts'
import { Keepsakes } from '../keepsakes.ts'
import type { ChatRequest } from '../model.ts'
import type { Reply } from '../reply.ts'
import type { Watchdog } from '../watchdog.ts'
import { ContentReader } from './chunks.ts'
import { contentsBody, optionalParts } from './contents.ts'
import type { Signed } from './contents.ts'
import { modelPath } from './path.ts'

/**
 * Its address is `https://generativelanguage.googleapis.com`; a model has to be named. That several calls at once are
 * not wanted, and a priority, cannot be said to it.
 */
export class GeminiChat extends ChatClient {
  readonly #signed = new Keepsakes<Signed>()
  readonly #dialect = new Dialect([
    {
      name: 'thinkingConfig',
      called: /thinking/i,
      // Some models cannot stop thinking: they are asked for the least.
      weaker: (value) => (isRecord(value) && value['thinkingBudget'] === 0 ? { thinkingBudget: 128 } : undefined),
    },
    { name: 'responseJsonSchema', called: unknownField('responseJsonSchema'), otherwise: 'responseSchema' },
    { name: 'parametersJsonSchema', called: unknownField('parametersJsonSchema'), otherwise: 'parameters' },
    { name: 'seed', called: unknownField('seed') },
  ])

  constructor(options: ChatOptions) {
    super(options, { version: '/v1beta', keyHeader: 'x-goog-api-key' })
  }

  protected override async send(model: string, request: ChatRequest, watch: Watchdog): Promise<Reply> {
    const path = `${modelPath(model, 'streamGenerateContent')}?alt=sse`
    return this.#dialect.ask(
      () => this.#dialect.spoken(optionalParts(request)),
      (spoken) => this.endpoint.post(path, contentsBody(model, request, this.#signed, spoken), watch, model),
    )
  }

  protected override reader(): ChunkReader {
    return new ContentReader(this.#signed)
  }
}
