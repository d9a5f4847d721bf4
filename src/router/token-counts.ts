// Tokens of chats: guessed before an endpoint is chosen, by what servers said of other prompts to the same model; and
// counted after an answer whose server did not say, by what knows its vocabulary.

import { openCall } from '../core/call.ts'
import type { Usage } from '../core/question.ts'
import type { ChatRequest } from '../models/model.ts'
import { estimateTokens } from '../text/tokens.ts'
import type { TokenCounter } from '../tokens/counter.ts'
import { TokenEstimate } from '../tokens/estimate.ts'
import type { EndpointSettings } from './endpoint.ts'

/** Models of which it is remembered how they count; of more, the oldest is forgotten. */
const mostModels = 256
/** How long an answer that has ended may be counted, in milliseconds. */
const countMs = 1_000

export interface TokenCountsOptions {
  /** What counts for an endpoint; undefined when it has only an estimate. */
  readonly counterOf: (endpoint: EndpointSettings) => Promise<TokenCounter> | undefined
  /** Aborts when the router closes: nothing is counted any more. */
  readonly closing: AbortSignal
}

export class TokenCounts {
  readonly #options: TokenCountsOptions
  /** By the name of the model that was asked for; empty for any. */
  readonly #estimates = new Map<string, TokenEstimate>()

  constructor(options: TokenCountsOptions) {
    this.#options = options
  }

  /** Tokens of a prompt, roughly and at once. */
  estimate(request: ChatRequest, model = ''): number {
    const { messages } = request
    return (this.#estimates.get(model) ?? untaught).estimate(messages) + estimateTokens(besideOf(request))
  }

  /** The server counted so many tokens for this prompt: the next to this model is guessed better. */
  learn(request: ChatRequest, model: string | undefined, promptTokens: number): void {
    // Of tools and shapes, every server makes a text of its own.
    if (besideOf(request) !== '') return
    this.#of(model ?? '').learn(request.messages, promptTokens)
  }

  /**
   * Counts a prompt and what was said to it. Undefined when nothing counts there, or not in time, or when the prompt has
   * parts that only its server could count: what was guessed is as good then.
   */
  count(endpoint: EndpointSettings, request: ChatRequest, said: string): Promise<Usage | undefined> | undefined {
    const counter = besideOf(request) === '' ? this.#options.counterOf(endpoint) : undefined
    return counter && this.#count(counter, request, said)
  }

  async #count(opening: Promise<TokenCounter>, request: ChatRequest, said: string): Promise<Usage | undefined> {
    using call = openCall({ tenant: 'default', budgetMs: countMs, shutdown: this.#options.closing })
    try {
      const counter = await opening
      const [promptTokens, completionTokens] = await Promise.all([
        counter.count(request.messages, call),
        counter.count(said, call),
      ])
      return counter.exact ? { promptTokens, completionTokens, estimated: false } : undefined
    } catch {
      return undefined
    }
  }

  #of(model: string): TokenEstimate {
    const known = this.#estimates.get(model)
    if (known) return known
    const [oldest] = this.#estimates.keys()
    if (oldest !== undefined && this.#estimates.size >= mostModels) this.#estimates.delete(oldest)
    const made = new TokenEstimate()
    this.#estimates.set(model, made)
    return made
  }
}

/** Of a model that has told nothing yet. */
const untaught = new TokenEstimate()

/** What servers write into a prompt beside its messages. */
function besideOf({ tools, schema }: ChatRequest): string {
  return (tools?.length ? JSON.stringify(tools) : '') + (schema ? JSON.stringify(schema) : '')
}
