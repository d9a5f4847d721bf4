// What speaks with each endpoint, by its protocol: opened when first needed, closed when the endpoint is gone and the
// last answer from it has ended.

import { Pool } from 'undici'
import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import { baseAddress } from '../models/address.ts'
import { AnthropicChat } from '../models/anthropic/chat.ts'
import type { EmbeddingServer } from '../models/embedding-server.ts'
import { GeminiChat } from '../models/gemini/chat.ts'
import { GeminiEmbedder } from '../models/gemini/embeddings.ts'
import { keyHeaderOf, keyHeaders } from '../models/keys.ts'
import type { ChatEvent, ChatModel, ChatRequest } from '../models/model.ts'
import { OpenAiChat } from '../models/openai.ts'
import { OpenAiEmbedder } from '../models/openai-embeddings.ts'
import { RemoteReranker } from '../models/rerank.ts'
import type { TokenCounter } from '../tokens/counter.ts'
import { openEndpointCounter } from './endpoint-counter.ts'
import { settingNamesOf, type EndpointSettings, type SettingNames } from './endpoint.ts'
import type { Upstream } from './wire/upstream.ts'

/** What speaks for some endpoints in a way of its own, by their names. */
export interface ClientOptions {
  /** Models in this process: they are asked, and their endpoints' addresses are not. Whoever made them closes them. */
  readonly engines?: Readonly<Record<string, ChatModel>>
  /** Default: `url of the endpoint "a"`. */
  readonly settingNames?: Readonly<Record<string, SettingNames>>
  /** Told of what goes on all the same, such as a tokenizer.json that cannot be read. */
  readonly failed?: (error: AndonError) => void
}

/** Who makes vectors or scores texts, and says what that took. */
export type EmbeddingClient = Pick<EmbeddingServer, 'embed'>
export type RerankingClient = Pick<RemoteReranker, 'rerank'>

/** The clients of one endpoint. Disposing waits for what runs, for as long as that takes. */
export class EndpointClient implements AsyncDisposable {
  readonly #settings: EndpointSettings
  readonly #names: SettingNames
  readonly #engine: ChatModel | undefined
  readonly #open = new AsyncDisposableStack()
  readonly #embedders = new Map<string, EmbeddingClient>()
  readonly #rerankers = new Map<string, RerankingClient>()
  #upstream: Upstream | undefined
  readonly #failed: (error: AndonError) => void
  #chat: ChatModel | undefined
  #counter: Promise<TokenCounter & AsyncDisposable> | undefined
  #uses = 0
  #idle: (() => void) | undefined

  constructor(settings: EndpointSettings, { engines, settingNames, failed = () => {} }: ClientOptions = {}) {
    this.#settings = settings
    this.#engine = ownOf(engines, settings.name)
    this.#failed = failed
    this.#names = ownOf(settingNames, settings.name) ?? settingNamesOf(settings)
  }

  /** Whether these settings are spoken to with the same connections. */
  fits(settings: EndpointSettings): boolean {
    if (settings === this.#settings) return true
    const { url, protocol, apiKey, model, connectMs, contextTokens, tokenizer } = this.#settings
    return (
      url === settings.url &&
      protocol === settings.protocol &&
      apiKey === settings.apiKey &&
      model === settings.model &&
      connectMs === settings.connectMs &&
      contextTokens === settings.contextTokens &&
      tokenizer === settings.tokenizer
    )
  }

  /** Its connections for bytes as they are; undefined when it does not speak OpenAI's API. */
  get upstream(): Upstream | undefined {
    const { protocol } = this.#settings
    if (this.#engine || protocol === 'anthropic' || protocol === 'gemini') return undefined
    return (this.#upstream ??= this.#openUpstream())
  }

  /** Who answers there. */
  get chat(): ChatModel {
    if (this.#chat) return this.#chat
    if (this.#engine) return (this.#chat = this.#counted(this.#engine))
    const { protocol, url, apiKey, model, contextTokens, connectMs } = this.#settings
    const options = {
      baseUrl: url,
      connectMs,
      settings: this.#names,
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(model === undefined ? {} : { model }),
      ...(contextTokens === undefined ? {} : { contextTokens }),
    }
    const opened =
      protocol === 'anthropic'
        ? new AnthropicChat(options)
        : protocol === 'gemini'
          ? new GeminiChat(options)
          : new OpenAiChat({ ...options, server: protocol })
    return (this.#chat = this.#counted(this.#open.use(opened)))
  }

  /** What counts tokens as it does; undefined when it has only an estimate. */
  get counter(): Promise<TokenCounter> | undefined {
    if (this.#counter) return this.#counter
    const opening = openEndpointCounter(this.#settings, this.#engine !== undefined, this.#failed)
    if (!opening) return undefined
    this.#open.defer(async () => (await opening)[Symbol.asyncDispose]())
    return (this.#counter = opening)
  }

  /** Who makes vectors there, by the server's name of the model. */
  embedder(model: string): EmbeddingClient {
    return found(this.#embedders, model, () => {
      const { protocol, url, apiKey } = this.#settings
      // Placing tries again, elsewhere.
      const options = { url, model, attempts: 1, ...(apiKey === undefined ? {} : { apiKey }) }
      if (protocol === 'anthropic') throw this.#lacks('embeddings')
      const opened = this.#open.use(protocol === 'gemini' ? new GeminiEmbedder(options) : new OpenAiEmbedder(options))
      return { embed: (...asked) => this.#during(opened.embed(...asked)) }
    })
  }

  /** Who scores texts there, by the server's name of the model. */
  reranker(model: string): RerankingClient {
    return found(this.#rerankers, model, () => {
      const { protocol, url, apiKey } = this.#settings
      if (protocol === 'anthropic' || protocol === 'gemini') throw this.#lacks('rerank')
      const base = baseAddress(url, this.#names.address, '/v1').href
      const options = { url: base, model, attempts: 1, ...(apiKey === undefined ? {} : { apiKey }) }
      const opened = this.#open.use(new RemoteReranker({ kind: 'cohere', ...options }))
      return { rerank: (...asked) => this.#during(opened.rerank(...asked)) }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#uses > 0) await new Promise<void>((resolve) => (this.#idle = resolve))
    // Ends by itself when the last answer has.
    await this.#upstream?.pool.close()
    await this.#open.disposeAsync()
  }

  /** Cuts what still runs. */
  async destroy(): Promise<void> {
    await this.#upstream?.pool.destroy(this.#closing())
    await this.#open.disposeAsync()
  }

  /** The model, whose answers under way are counted. */
  #counted(model: ChatModel): ChatModel {
    const used = this.#used.bind(this)
    return {
      get name() {
        return model.name
      },
      get contextTokens() {
        return model.contextTokens
      },
      get callsTools() {
        return model.callsTools
      },
      async learnName(call: Call): Promise<void> {
        using _use = used()
        await model.learnName?.(call)
      },
      async *chat(request: ChatRequest, call: Call): AsyncGenerator<ChatEvent, void, undefined> {
        using _use = used()
        yield* model.chat(request, call)
      },
    }
  }

  async #during<Result>(work: Promise<Result>): Promise<Result> {
    using _use = this.#used()
    return await work
  }

  #used(): Disposable {
    this.#uses++
    return {
      [Symbol.dispose]: () => {
        if (--this.#uses === 0) this.#idle?.()
      },
    }
  }

  #openUpstream(): Upstream {
    const { name, url, protocol, apiKey, connectMs } = this.#settings
    const base = baseAddress(url, this.#names.address, '/v1')
    const pool = new Pool(base.origin, {
      connections: null,
      pipelining: 1,
      connect: { timeout: connectMs },
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    return {
      pool,
      who: `The endpoint "${name}"`,
      settings: this.#names,
      pathTo: pathsFrom(base),
      headers: Object.entries({ 'user-agent': 'andon', ...keyHeaders(keyHeaderOf(protocol), apiKey) }).flat(),
      secrets: apiKey === undefined ? [] : [apiKey],
    }
  }

  #lacks(what: string): AndonError {
    const { name, protocol } = this.#settings
    return new AndonError(
      'unsupported',
      `The endpoint "${name}" speaks ${protocol}, which has no ${what}: take it out of its can.`,
    )
  }

  #closing(): AndonError {
    return new AndonError(
      'cancelled',
      `The endpoint "${this.#settings.name}" is no longer used: the router is closing.`,
    )
  }
}

/** Whole paths, each made once: the few there are come with every request. */
function pathsFrom({ pathname, search }: URL): (path: string) => string {
  const before = pathname.replace(/\/+$/, '')
  const paths = new Map<string, string>()
  return (path) => found(paths, path, () => before + path + search)
}

/** The clients of all endpoints, by their names. */
export class Clients implements AsyncDisposable {
  readonly #clients = new Map<string, EndpointClient>()
  readonly #leaving = new Map<EndpointClient, Promise<void>>()
  readonly #options: ClientOptions

  constructor(options: ClientOptions = {}) {
    this.#options = options
  }

  /** The client of an endpoint; a new one when its address, key or model are not what they were. */
  of(settings: EndpointSettings): EndpointClient {
    const known = this.#clients.get(settings.name)
    if (known?.fits(settings) === true) return known
    if (known) this.#leave(known)
    const opened = new EndpointClient(settings, this.#options)
    this.#clients.set(settings.name, opened)
    return opened
  }

  /** Only these are left; the others go when their last answer has ended. */
  keep(endpoints: readonly EndpointSettings[]): void {
    for (const [name, client] of this.#clients) {
      if (endpoints.some((endpoint) => endpoint.name === name && client.fits(endpoint))) continue
      this.#clients.delete(name)
      this.#leave(client)
    }
  }

  /** Cuts what still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#clients.values(), ...this.#leaving.keys()]
    this.#clients.clear()
    await Promise.all(all.map((client) => client.destroy()))
  }

  #leave(client: EndpointClient): void {
    const gone = client[Symbol.asyncDispose]().finally(() => this.#leaving.delete(client))
    // What cannot be closed is closed already.
    this.#leaving.set(
      client,
      gone.catch(() => {}),
    )
  }
}

function found<Value>(values: Map<string, Value>, key: string, make: () => Value): Value {
  const known = values.get(key)
  if (known !== undefined) return known
  const made = make()
  values.set(key, made)
  return made
}

/** What stands under a name; not what every object has. */
function ownOf<Value>(values: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return values && Object.hasOwn(values, name) ? values[name] : undefined
}
