// A model that talks, run by llama.cpp in a child process: the user's own GGUF file, no server and no key.

import { childCall, endCall, openCall } from '../../core/call.ts'
import type { OwnedCall } from '../../core/call.ts'
import { AndonError } from '../../core/errors.ts'
import { recipeBeside } from '../../core/recipe.ts'
import { one } from '../../core/station.ts'
import type { Call, Places, Station } from '../../core/station.ts'
import type { ChatEvent, ChatModel, ChatRequest } from '../model.ts'
import { ThinkingFilter } from '../thinking.ts'
import { timeouts } from '../timeouts.ts'
import type { ChatInput, ChatItem, ChatOrder } from './contract.ts'
import type { LlamaOptions } from './options.ts'
import { engineSettings, llamaName } from './settings.ts'
import { Silence } from './silence.ts'

/** Most tokens of thoughts for each degree of reasoning; `high` has no limit of its own. */
const thoughts = { off: 0, low: 512, medium: 2_048, high: undefined } as const

export class LlamaChat implements ChatModel, AsyncDisposable {
  readonly name: string
  readonly contextTokens: number
  /** Calls of tools would have to be written by a grammar of each model's own. */
  readonly callsTools = false
  readonly #station: Station<ChatInput, ChatItem> & AsyncDisposable
  readonly #calls = new Set<OwnedCall>()

  private constructor(name: string, contextTokens: number, station: Station<ChatInput, ChatItem> & AsyncDisposable) {
    this.name = name
    this.contextTokens = contextTokens
    this.#station = station
  }

  /**
   * Opens the model in the pool `where`, which is one that `llamaPool` describes. Throws `not-found` or `invalid` for its
   * file, and `unavailable` when the package is missing, with what to install, or the memory does not suffice.
   */
  static async open(options: LlamaOptions, places: Places, where: string): Promise<LlamaChat> {
    const recipe = recipeBeside<ChatInput, ChatItem>(import.meta, './chat-station', 'open', engineSettings(options))
    const station = await places.open(recipe, where)
    using call = openCall({ tenant: 'andon' })
    try {
      const about = await one(station, { ask: 'about' }, call)
      return new LlamaChat(llamaName(options), about.type === 'about' ? about.contextTokens : 0, station)
    } catch (reason) {
      await station[Symbol.asyncDispose]()
      throw reason
    }
  }

  /**
   * As a {@link ChatModel}, and: `temperature` is 0 by default, so that the same request has the same answer; with a
   * `schema` the answer is checked, written once more when it does not keep to it, and told as a whole.
   */
  async *chat(request: ChatRequest, call: Call): AsyncGenerator<ChatEvent, void, undefined> {
    using own = childCall(call, request.budgetMs === undefined ? {} : { budgetMs: request.budgetMs })
    const { tools = [], toolChoice = 'auto' } = request
    if (tools.length > 0 && (toolChoice === 'required' || typeof toolChoice === 'object'))
      throw new AndonError('unsupported', `The model ${this.name} calls no tools: ask without toolChoice.`)
    const idleMs = request.idleMs ?? timeouts.idle
    using silence = new Silence(own, `The model ${this.name}`)
    const filter = new ThinkingFilter()
    this.#calls.add(own)
    try {
      silence.within(request.firstTokenMs ?? timeouts.firstToken)
      for await (const item of this.#station.run({ ask: 'chat', order: orderOf(request) }, own)) {
        silence.over()
        if (item.type === 'text-delta') {
          for (const { kind, text } of filter.push(item.text)) yield { type: `${kind}-delta`, text }
        } else if (item.type !== 'alive' && item.type !== 'about') {
          for (const { kind, text } of filter.end()) yield { type: `${kind}-delta`, text }
          yield item
        }
        silence.within(idleMs)
      }
    } finally {
      this.#calls.delete(own)
    }
  }

  /** Ends what still runs, and the process when nothing else is open in its pool. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const call of this.#calls) endCall(call, new AndonError('unavailable', `The model ${this.name} is closed.`))
    await this.#station[Symbol.asyncDispose]()
  }
}

/** The part of a request that the process needs: plain data. */
function orderOf(request: ChatRequest): ChatOrder {
  const { messages, maxTokens, temperature, topP, seed, stop, json, schema, reasoning } = request
  const thoughtTokens = reasoning === undefined ? undefined : thoughts[reasoning]
  return {
    messages,
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(seed === undefined ? {} : { seed }),
    ...(stop === undefined ? {} : { stop }),
    ...(json === undefined ? {} : { json }),
    ...(thoughtTokens === undefined ? {} : { thoughtTokens }),
    ...(schema === undefined ? {} : { schema: schema.schema }),
  }
}
