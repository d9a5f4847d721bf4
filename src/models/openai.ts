// Chat with any server that speaks OpenAI's /chat/completions: vLLM, Ollama, llama.cpp, SGLang, LM Studio, clouds.

import { AndonError } from '../core/errors.ts'
import { chatBody, optionalFields, spokenBody } from './chat-body.ts'
import { ChatClient } from './chat-client.ts'
import type { ChatOptions } from './chat-client.ts'
import type { ChunkReader } from './chunk-stream.ts'
import { readChunk } from './chat-wire.ts'
import { Dialect } from './dialect.ts'
import { isRecord } from './failure.ts'
import type { ChatRequest } from './model.ts'
import { profiles } from './profiles.ts'
import type { OpenAiKin, Profile } from './profiles.ts'
import type { Reply } from './reply.ts'
import type { Watchdog } from './watchdog.ts'

export interface OpenAiChatOptions extends ChatOptions {
  /** What kind of server it is. Default `generic`: nothing is known of it, and everything is learnt. */
  server?: OpenAiKin
}

export class OpenAiChat extends ChatClient {
  readonly #profile: Profile
  readonly #dialect: Dialect

  constructor(options: OpenAiChatOptions) {
    super(options, { version: '/v1', keyHeader: 'authorization' })
    this.#profile = profiles[options.server ?? 'generic']
    this.#dialect = new Dialect(optionalFields, this.#profile)
  }

  /** False once the server has refused tools; unknown before. */
  override get callsTools(): boolean | undefined {
    return this.#dialect.refuses('tools') ? false : undefined
  }

  protected override async send(model: string, request: ChatRequest, watch: Watchdog): Promise<Reply> {
    const body = chatBody(model, request, this.#profile)
    return this.#dialect.ask(
      () => spokenBody(this.#dialect, body, request),
      (spoken) => this.endpoint.post('/chat/completions', spoken, watch, model),
    )
  }

  protected override reader(): ChunkReader {
    return { read: (value) => [readChunk(value)] }
  }

  /** Asks for the list of models when none is configured, and takes the first that can talk. */
  protected override async defaultModel(watch: Watchdog): Promise<string> {
    using reply = await this.endpoint.get('/models', watch)
    const listed = await reply.json()
    const entries: unknown[] = isRecord(listed) && Array.isArray(listed['data']) ? listed['data'] : []
    const found = entries.filter(isRecord).find((entry) => typeof entry['id'] === 'string' && !mute.test(entry['id']))
    if (found === undefined)
      throw new AndonError(
        'unavailable',
        `${this.endpoint.who} lists no model that answers: set ${this.settings.model} to the one to use.`,
        { detail: { retry: false } },
      )
    const context = [found['max_model_len'], isRecord(found['meta']) ? found['meta']['n_ctx'] : undefined]
    this.context ??= context.find((value) => typeof value === 'number')
    this.model = String(found['id'])
    return this.model
  }
}

/** Models that stand in the same list and cannot chat. */
const mute = /embed|rerank|bge-|\be5-|whisper|tts|clip|dall-e|moderation/i
