// What the chat clients of all protocols have in common. One request at a time is followed from its first byte to its
// last; nothing is said twice and nothing is lost silently.

import { AndonError } from '../core/errors.ts'
import type { Usage } from '../core/question.ts'
import type { Call } from '../core/station.ts'
import { baseAddress } from './address.ts'
import { readChunks } from './chunk-stream.ts'
import type { ChunkReader } from './chunk-stream.ts'
import { Endpoint } from './endpoint.ts'
import type { KeyHeader } from './keys.ts'
import type { ChatEvent, ChatModel, ChatRequest, FinishReason } from './model.ts'
import type { Reply } from './reply.ts'
import { ThinkingFilter } from './thinking.ts'
import { timeouts } from './timeouts.ts'
import { ToolCalls } from './tool-calls.ts'
import { Watchdog } from './watchdog.ts'

export interface ChatOptions {
  /** With or without the version in its path (`/v1`, of Gemini `/v1beta`) and a trailing slash. */
  baseUrl: string
  apiKey?: string
  /** Of requests that name none. Default of OpenAI's kin: the first of the server's own list that can talk. */
  model?: string
  /** Tokens of prompt and answer together. Default: what the server's list of models says, once it was asked. */
  contextTokens?: number
  /** Milliseconds for a connection. Default 5,000. */
  connectMs?: number
  /** Names of the settings, for messages. Default: the environment variables. */
  settings?: { address: string; key: string; model: string }
}

/** How a protocol is told from the others before anything is said. */
interface Manner {
  /** Path below an address that has none. */
  version: string
  keyHeader: KeyHeader
  /** Sent with every request. */
  headers?: Readonly<Record<string, string>>
}

/** A server that has not said what its model is called by then is asked without, in milliseconds. */
const namingMs = 1_000

/** A chat model behind an address; a protocol says how it is asked and how its answer reads. */
export abstract class ChatClient implements ChatModel, AsyncDisposable {
  protected readonly endpoint: Endpoint
  protected readonly settings: { address: string; key: string; model: string }
  protected model: string | undefined
  protected context: number | undefined

  constructor(options: ChatOptions, { version, keyHeader, headers }: Manner) {
    this.settings = options.settings ?? { address: 'OPENAI_BASE_URL', key: 'OPENAI_API_KEY', model: 'ANDON_MODEL' }
    this.model = options.model
    this.context = options.contextTokens
    this.endpoint = new Endpoint({
      kind: 'model server',
      base: baseAddress(options.baseUrl, this.settings.address, version),
      addressSetting: this.settings.address,
      keySetting: this.settings.key,
      modelSetting: this.settings.model,
      keyHeader,
      ...(headers === undefined ? {} : { headers }),
      ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
      ...(options.connectMs === undefined ? {} : { connectMs: options.connectMs }),
    })
  }

  get name(): string {
    return this.model ?? this.endpoint.who.replace('The model server', 'the model')
  }

  get contextTokens(): number | undefined {
    return this.context
  }

  get callsTools(): boolean | undefined {
    return undefined
  }

  async learnName(call: Call): Promise<void> {
    if (this.model !== undefined) return
    using watch = new Watchdog(call, namingMs)
    await this.defaultModel(watch).catch(() => {})
  }

  async *chat(request: ChatRequest, call: Call): AsyncGenerator<ChatEvent, void, undefined> {
    using watch = new Watchdog(call, request.budgetMs)
    const firstTokenMs = request.firstTokenMs ?? timeouts.firstToken
    const firstBy = performance.now() + firstTokenMs
    const expectFirst = (): void =>
      watch.expectBy(firstBy, `${this.endpoint.who} said nothing within ${seconds(firstTokenMs)}.`)
    expectFirst()
    const model = request.model ?? this.model ?? (await this.defaultModel(watch))
    expectFirst()
    using reply = await this.send(model, request, watch)

    const idleMs = request.idleMs ?? timeouts.idle
    let begun = false
    const expect = (): void =>
      begun
        ? watch.expectBy(performance.now() + idleMs, `${this.endpoint.who} fell silent for ${seconds(idleMs)}.`)
        : expectFirst()
    const filter = new ThinkingFilter()
    const calls = new ToolCalls()
    let finish: FinishReason | undefined
    let usage: Usage | undefined
    let whole = false

    for await (const chunk of readChunks(reply, this.reader(), this.endpoint.blame(model), expect)) {
      if (chunk === 'done') {
        whole = true
        break
      }
      if (chunk.usage !== undefined) usage = chunk.usage
      if (chunk.finish === 'error') throw this.#cut('said that its answer failed', model)
      if (chunk.finish !== undefined) finish = chunk.finish
      if (chunk.reasoning !== '') {
        begun = true
        yield { type: 'reasoning-delta', text: chunk.reasoning }
      }
      for (const piece of chunk.calls ?? []) {
        begun = true
        calls.push(piece)
      }
      if (chunk.text === '') continue
      begun = true
      for (const piece of filter.push(chunk.text)) yield delta(piece)
    }
    watch.rest()
    for (const piece of filter.end()) yield delta(piece)
    // A server may leave out the reason or its last word, but an answer with neither was cut off somewhere on its way.
    if (!whole && finish === undefined) throw this.#cut('ended its answer without saying that it is whole', model)
    reply.settle()
    const asked = calls.end(finish === 'length')
    for (const call of asked) yield { type: 'tool-call', call }
    if (usage !== undefined) yield { type: 'usage', usage }
    // Some servers say "stop" after calls as well.
    const stopped = finish === undefined || finish === 'stop' || finish === 'other'
    yield { type: 'finish', reason: stopped && asked.length > 0 ? 'tools' : (finish ?? 'other') }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endpoint[Symbol.asyncDispose]()
  }

  /** Sends the request; the answer's status is 2xx and its body still to be read. */
  protected abstract send(model: string, request: ChatRequest, watch: Watchdog): Promise<Reply>

  /** For one answer. */
  protected abstract reader(): ChunkReader

  /** The model of a request that names none, when the client was given none. */
  protected async defaultModel(_watch: Watchdog): Promise<string> {
    throw new AndonError(
      'invalid',
      `No model is named for ${this.endpoint.who.replace('The', 'the')}: set ${this.settings.model} to the one to use.`,
    )
  }

  #cut(what: string, model: string): AndonError {
    return new AndonError('unavailable', `${this.endpoint.who} (model "${model}") ${what}.`, {
      detail: { retry: true, kind: 'cut' },
    })
  }
}

function delta(piece: { kind: 'text' | 'reasoning'; text: string }): ChatEvent {
  return { type: piece.kind === 'text' ? 'text-delta' : 'reasoning-delta', text: piece.text }
}

function seconds(ms: number): string {
  return ms >= 1_000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms)} ms`
}
