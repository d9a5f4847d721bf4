// The router in the shape of one chat model, for whoever takes one and need not know of endpoints.

import type { Call } from '../core/station.ts'
import type { ChatEvent, ChatModel, ChatRequest } from '../models/model.ts'
import type { Asker } from './requests.ts'
import type { RoutedChat } from './routed-chat.ts'

export interface RoutedModelOptions extends Asker {
  /** The model that should answer. Default: the first of the fallback chain, or any. */
  model?: string
  /** The models asked after it. Default: the router's. */
  fallback?: readonly string[]
  /** Text to answer with when no model can. Default: an error. */
  fallbackText?: string
}

/** A chat model whose every answer is begun by `begin`; `room` says how many tokens it takes, when that is known. */
export function routedModel(
  name: string,
  room: () => number | undefined,
  begin: (request: ChatRequest, call: Call) => Promise<RoutedChat>,
): ChatModel {
  return {
    name,
    get contextTokens() {
      return room()
    },
    async *chat(request: ChatRequest, call: Call): AsyncGenerator<ChatEvent, void, undefined> {
      yield* await begin(request, call)
    },
  }
}
