// Chat with Anthropic's Messages API, or any server that speaks it.

import { ChatClient } from '../chat-client.ts'
import type { ChatOptions } from '../chat-client.ts'
import type { ChunkReader } from '../chunk-stream.ts'
import { Dialect, unknownField } from '../dialect.ts'
import { isRecord } from '../failure.ts'
import { Keepsakes } from '../keepsakes.ts'
import type { ChatRequest } from '../model.ts'
import type { Reply } from '../reply.ts'
import type { Watchdog } from '../watchdog.ts'
import { MessageReader } from './events.ts'
import { messagesBody } from './messages.ts'
import type { Block } from './messages.ts'

/**
 * Its address is `https://api.anthropic.com`; a model has to be named. A request without `maxTokens` may take 4,096.
 * A seed, a priority and plain `json` mean nothing to it.
 */
export class AnthropicChat extends ChatClient {
  readonly #thoughts = new Keepsakes<Block[]>()
  readonly #dialect = new Dialect([
    {
      name: 'thinking',
      called: unknownField('thinking'),
      // Newer models set the length themselves and refuse to be told one.
      weaker: (value) => (isRecord(value) && value['type'] === 'enabled' ? { type: 'adaptive' } : undefined),
    },
    {
      name: 'output_config',
      // A schema that is wrong is the caller's matter.
      called: new RegExp(`^(?![^]*\\bschema\\b)${unknownField('(?:output_config|effort)').source}`, 'i'),
      weaker: (value) =>
        isRecord(value) && 'effort' in value && 'format' in value ? { format: value['format'] } : undefined,
    },
    // Newer models take one of the two.
    { name: 'top_p' },
    { name: 'temperature' },
  ])

  constructor(options: ChatOptions) {
    super(options, { version: '/v1', keyHeader: 'x-api-key', headers: { 'anthropic-version': '2023-06-01' } })
  }

  protected override async send(model: string, request: ChatRequest, watch: Watchdog): Promise<Reply> {
    return this.#dialect.ask(
      () => this.#dialect.spoken(messagesBody(model, request, this.#thoughts, this.#dialect.weakened('thinking'))),
      (spoken) => this.endpoint.post('/messages', spoken, watch, model),
    )
  }

  protected override reader(): ChunkReader {
    return new MessageReader(this.#thoughts)
  }
}
