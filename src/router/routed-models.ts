// The router in the shape of one chat model, for whoever takes one and need not know of endpoints.

import type { Call } from '../core/station.ts'
import type { ChatEvent, ChatModel, ChatRequest } from '../models/model.ts'
import type { Asker } from './requests.ts'
import type { RoutedChat } from './routed-chat.ts'

export interface RoutedModelOptions extends Asker {
  /** The model that should answer. Default: the first of the fallback chain, or any. */
  model?: string
  /**
   * What people are shown as its name. Default: `model`, else the first of the fallback chain, else what the only endpoint
   * that talks calls its own, which may be known with its first answer.
   */
  name?: string
  /** The models asked after it. Default: the router's. */
  fallback?: readonly string[]
  /** Text to answer with when no model can. Default: an error. */
  fallbackText?: string
}

/** What is known of the endpoints behind it, at the moment. */
interface Known {
  name: () => string
  /** Tokens that one of them takes. */
  room: () => number | undefined
  callsTools: () => boolean | undefined
  learnName: (call: Call) => Promise<void>
}

/** A chat model whose every answer is begun by `begin`. */
export function routedModel(known: Known, begin: (request: ChatRequest, call: Call) => Promise<RoutedChat>): ChatModel {
  return {
    get name() {
      return known.name()
    },
    get contextTokens() {
      return known.room()
    },
    get callsTools() {
      return known.callsTools()
    },
    learnName: (call) => known.learnName(call),
    async *chat(request: ChatRequest, call: Call): AsyncGenerator<ChatEvent, void, undefined> {
      const chat = await begin(request, call)
      if (chat.degraded.length > 0) {
        // Left here, it is left unread.
        await using unread = chat
        yield { type: 'fallback', model: unread.model }
        return yield* unread
      }
      yield* chat
    },
  }
}
