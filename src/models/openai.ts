// Chat with any server that speaks OpenAI's /chat/completions: vLLM, Ollama, llama.cpp, SGLang, LM Studio, clouds.
// One request at a time is followed from its first byte to its last; nothing is said twice and nothing is lost silently.

import { AndonError } from '../core/errors.ts'
import type { Usage } from '../core/question.ts'
import type { Call } from '../core/station.ts'
import { baseAddress } from './address.ts'
import { wireMessages, wireTools } from './chat-messages.ts'
import { readChunk } from './chat-wire.ts'
import type { Chunk } from './chat-wire.ts'
import { Dialect } from './dialect.ts'
import { Endpoint } from './endpoint.ts'
import { eventFailure, isRecord, parsed, problemIn, quoted } from './failure.ts'
import type { ChatEvent, ChatModel, ChatRequest, FinishReason } from './model.ts'
import type { Reply } from './reply.ts'
import { EventParser } from './sse.ts'
import type { ServerSentEvent } from './sse.ts'
import { ThinkingFilter } from './thinking.ts'
import { timeouts } from './timeouts.ts'
import { ToolCalls } from './tool-calls.ts'
import { Watchdog } from './watchdog.ts'

export interface OpenAiChatOptions {
  /** With or without `/v1` and a trailing slash. */
  baseUrl: string
  apiKey?: string
  /** Default: the first of the server's own list that can talk. */
  model?: string
  /** Tokens of prompt and answer together. Default: what the server's list of models says, once it was asked. */
  contextTokens?: number
  /** Names of the settings, for messages. Default: the environment variables. */
  settings?: { address: string; key: string; model: string }
}

export class OpenAiChat implements ChatModel, AsyncDisposable {
  readonly #endpoint: Endpoint
  readonly #settings: { address: string; key: string; model: string }
  readonly #dialect = new Dialect([
    { name: 'stream_options', called: /stream_options|include_usage/ },
    { name: 'max_tokens', otherwise: 'max_completion_tokens' },
    { name: 'temperature' },
    { name: 'response_format', called: /response_format|json_object/ },
    { name: 'parallel_tool_calls' },
    { name: 'tool_choice', called: /\btool[_ ]choice\b(?! requires)/ },
    // Ollama: "does not support tools"; vLLM: "tool choice requires --enable-auto-tool-choice"; llama.cpp (500): "tools
    // param requires --jinja"; OpenRouter (404): "No endpoints found that support tool use".
    { name: 'tools', called: toolsRefused, statuses: [404, 500, 501] },
  ])
  #model: string | undefined
  #contextTokens: number | undefined

  constructor(options: OpenAiChatOptions) {
    this.#settings = options.settings ?? { address: 'OPENAI_BASE_URL', key: 'OPENAI_API_KEY', model: 'ANDON_MODEL' }
    this.#model = options.model
    this.#contextTokens = options.contextTokens
    this.#endpoint = new Endpoint({
      kind: 'model server',
      base: baseAddress(options.baseUrl, this.#settings.address, '/v1'),
      addressSetting: this.#settings.address,
      keySetting: this.#settings.key,
      modelSetting: this.#settings.model,
      ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
    })
  }

  get name(): string {
    return this.#model ?? this.#endpoint.who.replace('The model server', 'the model')
  }

  get contextTokens(): number | undefined {
    return this.#contextTokens
  }

  /** False once the server has refused tools; unknown before. */
  get callsTools(): boolean | undefined {
    return this.#dialect.refuses('tools') ? false : undefined
  }

  async *chat(request: ChatRequest, call: Call): AsyncGenerator<ChatEvent, void, undefined> {
    using watch = new Watchdog(call, request.budgetMs)
    const firstTokenMs = request.firstTokenMs ?? timeouts.firstToken
    const firstBy = performance.now() + firstTokenMs
    const expectFirst = (): void =>
      watch.expectBy(firstBy, `${this.#endpoint.who} said nothing within ${seconds(firstTokenMs)}.`)
    expectFirst()
    const model = this.#model ?? (await this.#firstModel(watch))
    expectFirst()
    using reply = await this.#ask(model, request, watch)

    const idleMs = request.idleMs ?? timeouts.idle
    let begun = false
    const expect = (): void =>
      begun
        ? watch.expectBy(performance.now() + idleMs, `${this.#endpoint.who} fell silent for ${seconds(idleMs)}.`)
        : expectFirst()
    const filter = new ThinkingFilter()
    const calls = new ToolCalls()
    let finish: FinishReason | undefined
    let usage: Usage | undefined
    let whole = false

    for await (const chunk of this.#read(reply, expect)) {
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
    // A server may leave out the reason or the [DONE], but an answer with neither was cut off somewhere on its way.
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
    await this.#endpoint[Symbol.asyncDispose]()
  }

  /** Sends the request, in this server's dialect as far as it is known. */
  async #ask(model: string, request: ChatRequest, watch: Watchdog): Promise<Reply> {
    const body: Record<string, unknown> = {
      model,
      messages: request.messages,
      ...wireTools(request),
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: request.maxTokens,
      temperature: request.temperature,
      response_format: request.json === true ? { type: 'json_object' } : undefined,
    }
    for (;;) {
      const spoken = this.#spoken(body, request)
      try {
        return await this.#endpoint.post('/chat/completions', spoken, watch, model)
      } catch (reason) {
        // Each turn unlearns one field, so this ends.
        if (!(reason instanceof AndonError) || !this.#dialect.learn(reason, spoken)) throw reason
      }
    }
  }

  /** The body as this server takes it. Who takes no tools is told of calls in words. */
  #spoken(body: Readonly<Record<string, unknown>>, { messages, toolChoice }: ChatRequest): Record<string, unknown> {
    const spoken = this.#dialect.spoken(body)
    // Where it cannot be said that none may be called, none is offered.
    if (toolChoice === 'none' && !('tool_choice' in spoken)) delete spoken['tools']
    if (!('tools' in spoken)) {
      delete spoken['tool_choice']
      delete spoken['parallel_tool_calls']
    }
    return { ...spoken, messages: wireMessages(messages, !this.#dialect.refuses('tools')) }
  }

  /** Chunks of a stream, or of an answer that came in one piece although a stream was asked for. */
  async *#read(reply: Reply, expect: () => void): AsyncGenerator<Chunk | 'done', void, undefined> {
    if (reply.mediaType === 'application/json' || reply.mediaType === 'text/html') {
      yield this.#checked(await reply.json())
      yield 'done'
      return
    }
    const parser = new EventParser()
    for await (const bytes of reply.chunks(expect)) yield* joined(this.#chunksIn(parser.push(bytes)))
    yield* joined(this.#chunksIn(parser.end()))
  }

  *#chunksIn(events: ServerSentEvent[]): Generator<Chunk | 'done', void, undefined> {
    for (const event of events) yield* this.#chunksOf(event)
  }

  *#chunksOf(event: ServerSentEvent): Generator<Chunk | 'done', void, undefined> {
    const data = event.data.trim()
    if (data === '' || event.event === 'ping') return
    if (data === '[DONE]') {
      yield 'done'
      return
    }
    const value = parsed(data)
    if (value !== undefined) {
      yield this.#checked(value, event.event)
      return
    }
    if (event.event === 'error') throw eventFailure(this.#blame(), { message: data })
    // Several events without the blank line between them.
    const lines = data.split('\n')
    if (lines.length < 2) throw this.#malformed(data)
    for (const line of lines) yield* this.#chunksOf({ event: event.event, data: line })
  }

  #checked(value: unknown, event = 'message'): Chunk {
    const problem = problemIn(value)
    if (problem !== undefined) throw eventFailure(this.#blame(), problem)
    if (event === 'error') throw eventFailure(this.#blame(), { message: JSON.stringify(value) })
    if (!isRecord(value)) throw this.#malformed(JSON.stringify(value))
    return readChunk(value)
  }

  #blame(): ReturnType<Endpoint['blame']> {
    return this.#endpoint.blame(this.#model)
  }

  #malformed(data: string): AndonError {
    const { who, secrets } = this.#blame()
    const shown = quoted(data.slice(0, 120), secrets)
    return new AndonError(
      'unavailable',
      `${who} sent an event that is no JSON, so part of its answer is lost: ${shown}`,
      {
        detail: { retry: true },
      },
    )
  }

  #cut(what: string, model: string): AndonError {
    return new AndonError('unavailable', `${this.#endpoint.who} (model "${model}") ${what}.`, {
      detail: { retry: true },
    })
  }

  /** Asks for the list of models when none is configured, and takes the first that can talk. */
  async #firstModel(watch: Watchdog): Promise<string> {
    using reply = await this.#endpoint.get('/models', watch)
    const listed = await reply.json()
    const entries: unknown[] = isRecord(listed) && Array.isArray(listed['data']) ? listed['data'] : []
    const found = entries.filter(isRecord).find((entry) => typeof entry['id'] === 'string' && !mute.test(entry['id']))
    if (found === undefined)
      throw new AndonError(
        'unavailable',
        `${this.#endpoint.who} lists no model that answers: set ${this.#settings.model} to the one to use.`,
        { detail: { retry: false } },
      )
    const context = [found['max_model_len'], isRecord(found['meta']) ? found['meta']['n_ctx'] : undefined]
    this.#contextTokens ??= context.find((value) => typeof value === 'number')
    this.#model = String(found['id'])
    return this.#model
  }
}

/** How servers say that they, or the model, take no tools at all. */
const toolsRefused =
  /(?:not|n't|un|no\b[^.]*)\s?-?support[^.]*\btools?\b(?![[.])|\btools?\b(?![[.])[^.]*(?:not|un)[- ]?(?:supported|permitted|allowed|available|enabled)|tool choice requires|tools param requires|(?:unknown|unrecogni[sz]ed|unexpected|extra)[^.]*\btools\b(?![[.])/i

/** Models that stand in the same list and cannot chat. */
const mute = /embed|rerank|bge-|\be5-|whisper|tts|clip|dall-e|moderation/i

/**
 * Text that came together goes on together. A process that is behind its streams so has less to do for each word, and
 * catches up; one that is not hands on every token by itself.
 */
function* joined(chunks: Iterable<Chunk | 'done'>): Generator<Chunk | 'done', void, undefined> {
  let held: Chunk | undefined
  try {
    for (const chunk of chunks) {
      if (chunk !== 'done' && isOnlyText(chunk)) {
        held = held ? { ...held, text: held.text + chunk.text } : chunk
        continue
      }
      if (held) yield held
      held = undefined
      yield chunk
    }
  } catch (reason) {
    if (held) yield held
    throw reason
  }
  if (held) yield held
}

function isOnlyText({ reasoning, calls, usage, finish }: Chunk): boolean {
  return reasoning === '' && calls === undefined && usage === undefined && finish === undefined
}

function delta(piece: { kind: 'text' | 'reasoning'; text: string }): ChatEvent {
  return { type: piece.kind === 'text' ? 'text-delta' : 'reasoning-delta', text: piece.text }
}

function seconds(ms: number): string {
  return ms >= 1_000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms)} ms`
}
