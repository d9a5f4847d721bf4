// The model router: one door to many endpoints. A request is priced by each endpoint that could take it, stands in one
// line until the best has a place, goes elsewhere when that fails before its first content, and is written down.
//
//   routeRequest ─▶ models of the chain ─▶ budget? ─▶ line ─▶ endpoint ─▶ first content ─▶ events … answer
//   (requests.ts)   (chain.ts)         (till.ts)      (scheduler.ts)  (placing.ts)      (routed-chat.ts)
//
// The pass-through of the gateway comes in at the budget, with bytes instead of messages (wire/).

import { childCall, openCall } from '../core/call.ts'
import type { OwnedCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import { embedderId } from '../models/embedding-options.ts'
import type { ChatMessage, ChatModel, Embedder, EmbeddingKind, Reranker } from '../models/model.ts'
import type { DemandView, Signal } from './autoscale.ts'
import { ChatRouter } from './chat-router.ts'
import type { Ability, ModelEndpoint } from './endpoint.ts'
import { Fleet } from './fleet.ts'
import type { RoutedModel } from './fleet.ts'
import { checkOptions } from './options-check.ts'
import { Placing } from './placing.ts'
import { chatOrder, chatRequestOf, textsOrder } from './requests.ts'
import type { AskOptions, Asker, RouteOptions } from './requests.ts'
import type { RoutedAnswer, RoutedChat } from './routed-chat.ts'
import { routedModel } from './routed-models.ts'
import type { RoutedModelOptions } from './routed-models.ts'
import { RouterEvents } from './router-events.ts'
import type { HearingOptions, RouterEvent } from './router-events.ts'
import type { RouterOptions } from './router-options.ts'
import type { HealthNews, SchedulerState } from './scheduler.ts'
import { TextsRouter } from './texts-router.ts'
import { Till } from './till.ts'
import { TokenCounts } from './token-counts.ts'
import type { WireRouter } from './wire/upstream.ts'

const usualBudgetMs = 120_000
/** Whoever sends bytes to a model may let it write for long; nobody may forget one for ever. */
const usualPassedMs = 600_000

/**
 * Routes requests for models to endpoints. Disposing refuses what waits, cuts what runs and closes all connections.
 *
 *     await using router = new ConcurrentRouter({ endpoints: [{ name: 'a', url: 'http://127.0.0.1:8000' }] })
 *     const { text } = await router.routeRequest('Hello')
 */
export class ConcurrentRouter implements AsyncDisposable {
  /** The router for the pass-through of a gateway, which has bytes and sends bytes. */
  readonly wire: WireRouter

  readonly #options: RouterOptions
  readonly #events = new RouterEvents()
  readonly #fleet: Fleet
  readonly #chats: ChatRouter
  readonly #texts: TextsRouter
  readonly #tokens: TokenCounts

  /** Throws `invalid` for an option or an endpoint that is not described right. Nothing waits for one to answer. */
  constructor(options: RouterOptions) {
    checkOptions(options)
    const { endpoints = [], discover = [], attempts, retries, hedge, budgets, spendingStore, lastResort } = options
    this.#options = options
    const { engines, settingNames } = options
    const warn = (error: AndonError): void => this.#events.tell({ type: 'warning', error })
    const fleet = new Fleet(
      endpoints,
      discover,
      { ...options.scheduling, onHealth: (news) => this.#events.tell(healthEvent(news)) },
      { ...(engines ? { engines } : {}), ...(settingNames ? { settingNames } : {}), failed: warn },
      warn,
    )
    this.#fleet = fleet
    const placing = new Placing({
      scheduler: fleet.scheduler,
      hedge,
      region: options.region,
      ...(attempts === undefined ? {} : { attempts }),
      ...(retries === undefined ? {} : { retries }),
    })
    const till = new Till(placing, budgets, spendingStore, this.#events, (name) => fleet.get(name))
    this.wire = {
      serves: (ability, model) => fleet.serves(ability, model),
      // Vectors and scores of another model mean something else.
      chain: (ability, model) => {
        const mayDiffer = ability === 'chat' || ability === 'completions'
        if (!mayDiffer || options.fallback === undefined || options.fallback.length === 0) return [model]
        return this.#chain(model).flatMap((next) =>
          next !== undefined && (next === model || fleet.serves(ability, next)) ? [next] : [],
        )
      },
      lastResort,
      budgetMs: options.budgetMs ?? usualPassedMs,
      place: (order, call, begin, trail, again) => till.place(order, call, begin, trail, again),
      upstream: (endpoint) => fleet.clientOf(endpoint).upstream,
      chatModel: (endpoint) => fleet.chatModelOf(endpoint),
      ended: (request) => till.ended(request),
    }
    this.#tokens = new TokenCounts({
      // One that is gone meanwhile is not opened again.
      counterOf: ({ name }) => {
        const endpoint = fleet.closing.aborted ? undefined : fleet.get(name)
        return endpoint && fleet.clientOf(endpoint).counter
      },
      closing: fleet.closing,
    })
    this.#chats = new ChatRouter({
      tokens: this.#tokens,
      place: (...asked) => till.place(...asked),
      modelAt: (endpoint) => fleet.chatModelOf(endpoint),
      ended: (request) => till.ended(request),
      lastResort,
    })
    this.#texts = new TextsRouter(this.wire)
  }

  /**
   * Asks for an answer. With `stream: true` it comes back with the first content, as events to be read once; else with
   * the whole answer. Every failure is an AndonError; after the first content it is thrown at the reader of the events.
   */
  routeRequest(prompt: string | readonly ChatMessage[], options: RouteOptions & { stream: true }): Promise<RoutedChat>
  routeRequest(
    prompt: string | readonly ChatMessage[],
    options?: RouteOptions & { stream?: false },
  ): Promise<RoutedAnswer>
  async routeRequest(
    prompt: string | readonly ChatMessage[],
    options: RouteOptions & { stream?: boolean } = {},
  ): Promise<RoutedChat | RoutedAnswer> {
    const request = chatRequestOf(prompt, options)
    const { preferredModel, fallback, fallbackText } = options
    const models = this.#chain(preferredModel, fallback)
    const asked = {
      request,
      order: chatOrder(request, this.#tokens.estimate(request, models[0]), this.#asker(options)),
      models,
      fallbackText,
      whole: options.stream !== true,
    }
    const chat = await this.#chats.begin(asked, this.#call(options))
    return options.stream === true ? chat : wholeOf(chat)
  }

  /** Vectors of length 1 for texts, in their order. `kind` tells models that want to know which side a text is on. */
  async embed(
    texts: readonly string[],
    options: AskOptions & { model: string; kind?: EmbeddingKind },
  ): Promise<Float32Array[]> {
    using call = this.#call(options)
    return await this.#embed(texts, options.model, options.kind ?? 'passage', this.#asker(options), call)
  }

  /** A score for each text, in their order: higher suits the query better. */
  async rerank(query: string, texts: readonly string[], options: AskOptions & { model: string }): Promise<number[]> {
    using call = this.#call(options)
    return await this.#rerank(query, texts, options.model, this.#asker(options), call)
  }

  /** The router as a chat model, for whoever takes one. */
  chatModel(options: RoutedModelOptions = {}): ChatModel {
    const { model, name, fallback, fallbackText } = options
    return routedModel(
      {
        name: () => name ?? model ?? this.#options.fallback?.[0] ?? this.#fleet.ownName() ?? 'any',
        room: () => this.#fleet.room(model),
        callsTools: () => this.#fleet.callsTools(model),
        learnName: async (call) => {
          if ((name ?? model ?? this.#options.fallback?.[0]) === undefined) await this.#fleet.learnOwnName(call)
        },
      },
      (request, call) => {
        const models = this.#chain(model, fallback)
        const order = chatOrder(request, this.#tokens.estimate(request, models[0]), this.#asker(options, call))
        return this.#chats.begin(
          { request, order, models, fallbackText },
          request.budgetMs === undefined ? childCall(call) : childCall(call, { budgetMs: request.budgetMs }),
        )
      },
    )
  }

  /** The router as an embedder of one model. */
  embedder(model: string, options: Asker & { dimensions?: number } = {}): Embedder {
    const { dimensions } = options
    return {
      id: embedderId({ model, ...(dimensions === undefined ? {} : { dimensions }) }),
      embed: (texts, kind, call) => this.#embed(texts, model, kind, this.#asker(options, call), call),
    }
  }

  /** The router as a reranker of one model. */
  reranker(model: string, options: Asker = {}): Reranker {
    return {
      name: model,
      rerank: (query, texts, call) => this.#rerank(query, texts, model, this.#asker(options, call), call),
    }
  }

  /** Names under which models can be asked for. Endpoints that take any name are not in it. */
  models(): RoutedModel[] {
    return this.#fleet.models()
  }

  /** Each endpoint as it stands now; plain JSON. */
  state(): SchedulerState {
    return this.#fleet.scheduler.state()
  }

  /** For autoscalers: one signal for each model; plain JSON. */
  signals(): Signal[] {
    return this.#fleet.scheduler.signals()
  }

  /** What the signals are reckoned from, for who adds up several routers; plain JSON. */
  demands(): DemandView[] {
    return this.#fleet.scheduler.demands()
  }

  /**
   * Other endpoints from now on, instead of those that were written down before. What is under way at one that is gone
   * ends as it would. Throws `invalid`, and changes nothing, when one is not described right.
   */
  update(endpoints: readonly ModelEndpoint[]): void {
    this.#fleet.update(endpoints)
  }

  /** Calls the listener with every event that it wants from now on. Returns how to stop. */
  subscribe(listener: (event: RouterEvent) => void, options?: HearingOptions): () => void {
    return this.#events.subscribe(listener, options)
  }

  /** Whether any endpoint takes this model for this, be it up or down. */
  serves(ability: Ability, model: string): boolean {
    return this.#fleet.serves(ability, model)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fleet[Symbol.asyncDispose]()
  }

  #call(options: AskOptions): OwnedCall {
    const { tenant = 'default', id, trace, signal, budgetMs = this.#options.budgetMs ?? usualBudgetMs } = options
    return openCall({
      tenant,
      budgetMs,
      shutdown: this.#fleet.closing,
      ...(id === undefined ? {} : { id }),
      ...(trace === undefined ? {} : { trace }),
      ...(signal === undefined ? {} : { signal }),
    })
  }

  /** Who says nothing of a key asks with the call's. */
  #asker(asker: Asker, call?: Call): Asker {
    const key = call?.key && { keyId: call.key.id, keyName: call.key.name }
    return { ...key, ...asker }
  }

  /** The models to ask, in order: from the preferred one on, where it is in the chain. */
  #chain(preferred: string | undefined, fallback = this.#options.fallback ?? []): (string | undefined)[] {
    if (preferred === undefined) return fallback.length === 0 ? [undefined] : [...fallback]
    const at = fallback.indexOf(preferred)
    return at === -1 ? [preferred, ...fallback] : fallback.slice(at)
  }

  #embed(
    texts: readonly string[],
    model: string,
    kind: EmbeddingKind,
    asker: Asker,
    call: Call,
  ): Promise<Float32Array[]> {
    return this.#texts.run(
      texts,
      (batch) => textsOrder('embeddings', batch, model, asker),
      (lease, batch, own, used) =>
        this.#fleet
          .clientOf(lease.endpoint)
          .embedder(lease.model ?? model)
          .embed(batch, kind, own, used),
      call,
    )
  }

  #rerank(query: string, texts: readonly string[], model: string, asker: Asker, call: Call): Promise<number[]> {
    return this.#texts.run(
      texts,
      (batch) => textsOrder('rerank', batch, model, asker),
      (lease, batch, own, used) =>
        this.#fleet
          .clientOf(lease.endpoint)
          .reranker(lease.model ?? model)
          .rerank(query, batch, own, used),
      call,
    )
  }
}

/** Reads an answer to its end. */
async function wholeOf(chat: RoutedChat): Promise<RoutedAnswer> {
  // It keeps what it says.
  for await (const _event of chat);
  return chat.answer
}

function healthEvent(news: HealthNews): RouterEvent {
  const { endpoint } = news
  if (news.kind === 'up') return { type: 'endpoint-up', endpoint }
  const { kind, error } = news.failure
  return { type: `endpoint-${news.kind}`, endpoint, reason: kind, message: error.sentence }
}
