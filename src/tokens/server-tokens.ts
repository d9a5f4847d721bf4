// Tokens as the server counts them that will answer: vLLM's and SGLang's /tokenize, and llama.cpp's.

import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import { baseAddress } from '../models/address.ts'
import { wireMessages } from '../models/chat-messages.ts'
import { Endpoint } from '../models/endpoint.ts'
import { isRecord, statusBehind } from '../models/failure.ts'
import { serverPaths } from '../models/profiles.ts'
import { Watchdog } from '../models/watchdog.ts'
import type { Countable, TokenCounter } from './counter.ts'
import { tokensAround, wordsOf } from './messages.ts'

export interface ServerCounterOptions {
  server: 'vllm' | 'sglang' | 'llama.cpp'
  /** With or without `/v1`; counting is asked for below the root. */
  baseUrl: string
  apiKey?: string
  /** Default: the one that the server has. */
  model?: string
  /** Milliseconds for one count. Default 2,000. */
  timeoutMs?: number
}

const settings = { address: 'OPENAI_BASE_URL', key: 'OPENAI_API_KEY', model: 'ANDON_MODEL' } as const

export class ServerCounter implements TokenCounter, AsyncDisposable {
  readonly name: string
  readonly exact = true
  readonly #options: ServerCounterOptions
  readonly #endpoint: Endpoint
  /** Whether it counts messages with its own template; some count only texts. */
  #knowsMessages = true

  constructor(options: ServerCounterOptions) {
    this.#options = options
    this.name = `/tokenize of ${options.server}`
    const base = baseAddress(options.baseUrl, settings.address)
    base.pathname = base.pathname.replace(/\/v1$/, '')
    this.#endpoint = new Endpoint({
      kind: 'model server',
      base,
      addressSetting: settings.address,
      keySetting: settings.key,
      modelSetting: settings.model,
      ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
    })
  }

  async count(input: Countable, call: Call): Promise<number> {
    using watch = new Watchdog(call)
    const { timeoutMs = 2_000 } = this.#options
    watch.expectBy(performance.now() + timeoutMs, `${this.#endpoint.who} did not count within ${timeoutMs} ms.`)
    if (typeof input !== 'string' && this.#knowsMessages) {
      try {
        return await this.#ofMessages(input, watch)
      } catch (reason) {
        const status = reason instanceof AndonError ? statusBehind(reason) : undefined
        if (status === undefined || ![400, 404, 422, 501].includes(status)) throw reason
        this.#knowsMessages = false
      }
    }
    return (await this.#ofText(wordsOf(input), watch)) + tokensAround(input)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#endpoint[Symbol.asyncDispose]()
  }

  async #ofMessages(input: Exclude<Countable, string>, watch: Watchdog): Promise<number> {
    const { server, model } = this.#options
    const messages = wireMessages(input, true)
    const { template } = serverPaths[server]
    if (template === undefined) return this.#tokenize({ model, messages, add_generation_prompt: true }, watch)
    const filled = await this.#endpoint.json(template, { messages }, watch)
    const prompt = isRecord(filled) ? filled['prompt'] : undefined
    if (typeof prompt !== 'string') throw this.#unclear()
    // The template has written the beginning already.
    return this.#tokenize({ content: prompt, add_special: false, parse_special: true }, watch)
  }

  async #ofText(text: string, watch: Watchdog): Promise<number> {
    const { server, model } = this.#options
    return this.#tokenize(
      server === 'llama.cpp'
        ? { content: text, add_special: false, parse_special: false }
        : { model, prompt: text, add_special_tokens: false },
      watch,
    )
  }

  async #tokenize(body: object, watch: Watchdog): Promise<number> {
    const answer = await this.#endpoint.json(serverPaths[this.#options.server].tokenize ?? '/tokenize', body, watch)
    const { count, tokens } = isRecord(answer) ? answer : {}
    if (typeof count === 'number') return count
    if (!Array.isArray(tokens)) throw this.#unclear()
    return tokens.length
  }

  #unclear(): AndonError {
    return new AndonError('unavailable', `${this.#endpoint.who} did not say how many tokens there are.`, {
      detail: { retry: false },
    })
  }
}
