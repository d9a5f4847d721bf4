// The tokens of an answer, over all of its requests.

import type { Usage } from '../../core/question.ts'
import type { ChatMessage } from '../../models/model.ts'
import { estimateTokens } from '../../text/tokens.ts'
import type { Step } from './step.ts'

export class Spending {
  /** Estimated when the server did not count one of the requests. */
  readonly usage: Usage = { promptTokens: 0, completionTokens: 0, estimated: false }
  #promptTokens: number

  /** `promptTokens`: of the first request, estimated. */
  constructor(promptTokens: number) {
    this.#promptTokens = promptTokens
  }

  /** Adds a request, if it was made. */
  add({ usage, text, calls, cached }: Step): void {
    if (cached) return
    const asked = calls.length === 0 ? '' : JSON.stringify(calls)
    this.usage.promptTokens += usage?.promptTokens ?? this.#promptTokens
    this.usage.completionTokens += usage?.completionTokens ?? estimateTokens(text + asked)
    if (usage?.cachedTokens !== undefined) this.usage.cachedTokens = (this.usage.cachedTokens ?? 0) + usage.cachedTokens
    this.usage.estimated ||= usage?.estimated ?? true
  }

  /** The next request has these messages as well. */
  told(messages: readonly ChatMessage[]): void {
    for (const message of messages) {
      const calls = message.role === 'assistant' && message.toolCalls ? JSON.stringify(message.toolCalls) : ''
      this.#promptTokens += estimateTokens(message.content + calls) + 4
    }
  }
}
