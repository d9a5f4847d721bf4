// How a chat comes to an answer: the models of a chain, one after the other, each at whichever of its endpoints can;
// then the last resort; then a text that the caller gave for this; and else an honest error.

import { overReason } from '../core/call.ts'
import type { OwnedCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { ChatEvent, ChatModel, ChatRequest } from '../models/model.ts'
import { askInTurn } from './chain.ts'
import { beginChat } from './chat-attempt.ts'
import type { BegunChat } from './chat-attempt.ts'
import type { EndpointSettings } from './endpoint.ts'
import { failureOf } from './failures.ts'
import { newTrail } from './order.ts'
import type { Order, Placed } from './order.ts'
import type { Placing } from './placing.ts'
import { RoutedChat } from './routed-chat.ts'
import type { Fallback, RoutedAnswer, Source } from './routed-chat.ts'
import type { TokenCounts } from './token-counts.ts'
import type { WireRouter } from './wire/upstream.ts'

/** One chat that is to be answered. */
export interface ChatOrder {
  readonly request: ChatRequest
  /** Of no model in particular. */
  readonly order: Order
  /** Names of models, in the order in which they are asked; `undefined` for any. At least one. */
  readonly models: readonly (string | undefined)[]
  readonly fallbackText?: string | undefined
  /** Whether the answer is wanted whole: then nothing of it is told before its end, and one that is cut is asked for again. */
  readonly whole?: boolean
}

export interface ChatRouterOptions {
  readonly place: Placing['place']
  readonly ended: WireRouter['ended']
  readonly tokens: TokenCounts
  readonly modelAt: (endpoint: EndpointSettings) => ChatModel
  /** Asked when no endpoint of the chain answers. */
  readonly lastResort?: ChatModel | undefined
}

export class ChatRouter {
  readonly #options: ChatRouterOptions

  constructor(options: ChatRouterOptions) {
    this.#options = options
  }

  /** Back with the first content. Disposes the call when it throws; else the answer does at its end. */
  async begin(asked: ChatOrder, call: OwnedCall): Promise<RoutedChat> {
    const startedAt = performance.now()
    const trail = newTrail()
    const degraded: Fallback[] = []
    const { request, order, models, fallbackText, whole = false } = asked
    const hasMore = this.#options.lastResort !== undefined || fallbackText !== undefined
    const begun = { call, startedAt, promptTokens: order.promptTokens, trail, degraded }
    const firstBy = startedAt + (request.firstTokenMs ?? Infinity)
    try {
      const reached = await askInTurn(
        this.#options,
        {
          order,
          models,
          hasMore,
          firstBy,
          begin: (_named, lease, own, content) =>
            beginChat(this.#options.modelAt(lease.endpoint), request, lease, own, { whole, content, firstBy }),
          fellBack: (model, error) => degraded.push({ model: model ?? 'any', error }),
        },
        call,
        trail,
      )
      if (reached.placed) {
        const { firstAt } = reached.placed.begun
        return new RoutedChat(this.#placed(reached.placed, request, reached.order, call, whole), { ...begun, firstAt })
      }
      const source = this.#last(asked, call)
      if (source) return new RoutedChat(source, begun)
      throw reached.error
    } catch (reason) {
      const failed = overReason(call) ?? AndonError.from(reason)
      const totalMs = performance.now() - startedAt
      const tokens = { promptTokens: order.promptTokens, outputTokens: 0, estimated: true }
      const named = models[0] === undefined ? order : { ...order, model: models[0] }
      this.#options.ended({ order: named, call, ...trail, ...tokens, totalMs, error: failed })
      call[Symbol.dispose]()
      throw failed
    }
  }

  #placed(
    { begun, lease }: Placed<BegunChat>,
    request: ChatRequest,
    order: Order,
    call: OwnedCall,
    whole: boolean,
  ): Source {
    const { endpoint } = lease
    const { model } = order
    const { tokens } = this.#options
    return {
      head: begun.head,
      rest: begun.rest,
      endpoint: endpoint.name,
      model: model ?? lease.model ?? endpoint.name,
      progress: (count) => {
        if (!whole) lease.progress(count)
      },
      pause: () => lease.pause(),
      resume: () => lease.resume(),
      end: (answer, how) => {
        const { promptTokens, completionTokens: outputTokens, cachedTokens, estimated } = answer.usage
        const cached = cachedTokens === undefined ? {} : { cachedTokens }
        if (how === 'whole')
          lease.end({ kind: 'done', ...(estimated ? {} : { promptTokens, ...cached }), outputTokens })
        else if (how === 'left' || overReason(call)) lease.end({ kind: 'cancelled' })
        else lease.end({ kind: 'failed', failure: failureOf(how, endpoint) })
        begun.call[Symbol.dispose]()
        if (how === 'whole' && !estimated) tokens.learn(request, model, promptTokens)
      },
      count: (said) => tokens.count(endpoint, request, said),
      ended: (answer, how) => this.#ended(answer, how, order, call, answer.model, endpoint.name),
    }
  }

  /** Who answers when no endpoint does. */
  #last({ request, order, fallbackText }: ChatOrder, call: OwnedCall): Source | undefined {
    const { lastResort } = this.#options
    if (!lastResort && fallbackText === undefined) return undefined
    const head: ChatEvent[] = lastResort
      ? []
      : [
          { type: 'text-delta', text: fallbackText ?? '' },
          { type: 'finish', reason: 'stop' },
        ]
    return {
      head,
      rest: lastResort ? lastResort.chat(request, call)[Symbol.asyncIterator]() : ended,
      model: lastResort?.name ?? 'text',
      progress: nothing,
      pause: nothing,
      resume: nothing,
      end: nothing,
      count: nothing,
      ended: (answer, how) => this.#ended(answer, how, order, call, lastResort?.name),
    }
  }

  #ended(
    answer: RoutedAnswer,
    how: 'whole' | 'left' | AndonError,
    order: Order,
    call: OwnedCall,
    /** Undefined when a text was given for the answer. */
    model: string | undefined,
    endpoint?: string,
  ): void {
    const { usage, attempts, waitedMs, firstTokenMs, totalMs } = answer
    const error = how === 'left' ? new AndonError('cancelled', 'The answer was left before its end') : how
    this.#options.ended({
      order,
      call,
      endpoint,
      model,
      attempts,
      promptTokens: usage.promptTokens,
      cachedTokens: usage.cachedTokens,
      outputTokens: usage.completionTokens,
      estimated: usage.estimated,
      waitedMs,
      firstTokenMs,
      totalMs,
      ...(error === 'whole' ? {} : { error }),
    })
    call[Symbol.dispose]()
  }
}

function nothing(): undefined {}

const ended: AsyncIterator<ChatEvent> = {
  next: () => Promise.resolve({ done: true, value: undefined }),
}
