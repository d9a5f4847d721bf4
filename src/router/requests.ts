// What can be asked of the router, and what follows from it for the choice of an endpoint.

import type { ClientTool } from '../core/question.ts'
import type { AnswerSchema, ChatMessage, ChatRequest } from '../models/model.ts'
import { estimateTokens } from '../text/tokens.ts'
import type { Order } from './order.ts'
import { prefixOf } from './prefix.ts'

/** Who asks, and how much time there is: the same for chats, vectors and scores. */
export interface AskOptions {
  /** Whose work it is. Default `default`. */
  tenant?: string
  /** Whose budget pays, beside the tenant's. */
  keyId?: string
  /** 0 goes first. Default 1. */
  priority?: number
  /** Where the caller stands. Default: the router's region. */
  region?: string
  /** Milliseconds for everything: queue, attempts and the whole answer. Default: the router's, 120,000. */
  budgetMs?: number
  signal?: AbortSignal
  /** Names the request in records. Default: a random UUID. */
  id?: string
  /** W3C traceparent, sent along. */
  trace?: string
}

export interface RouteOptions extends AskOptions {
  /** The model that should answer. Default: the first of the fallback chain, or any. */
  preferredModel?: string
  /** The models asked after it, in order, when it cannot answer. Default: the router's. Empty for none. */
  fallback?: readonly string[]
  /** Text to answer with when no model can, such as passages that were found. Default: an error. */
  fallbackText?: string
  /** Most tokens of the answer. Default: the server's. */
  maxTokens?: number
  /** Tokens of the answer that are expected, for the choice of an endpoint. Default: learnt. */
  expectedTokens?: number
  temperature?: number
  topP?: number
  tools?: ClientTool[]
  toolChoice?: NonNullable<ChatRequest['toolChoice']>
  parallelCalls?: boolean
  /** One JSON object as the answer, where the server knows how. */
  json?: boolean
  /** An answer of this shape, where the server knows how. */
  schema?: AnswerSchema
  reasoning?: NonNullable<ChatRequest['reasoning']>
  seed?: number
  stop?: string[]
  /** Whether a second endpoint may be asked beside one whose first token is late, where hedging is on. Default true. */
  hedge?: boolean
}

/** The request that a model is given. */
export function chatRequestOf(prompt: string | readonly ChatMessage[], options: RouteOptions): ChatRequest {
  const { maxTokens, temperature, topP, tools, toolChoice, parallelCalls, json, schema, reasoning, seed, stop } =
    options
  return {
    messages: typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : [...prompt],
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(tools === undefined ? {} : { tools }),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(parallelCalls === undefined ? {} : { parallelCalls }),
    ...(json === undefined ? {} : { json }),
    ...(schema === undefined ? {} : { schema }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(seed === undefined ? {} : { seed }),
    ...(stop === undefined ? {} : { stop }),
  }
}

/** What choosing an endpoint needs to know of who asks. */
export type Asker = Pick<RouteOptions, 'keyId' | 'priority' | 'region' | 'expectedTokens' | 'hedge'> &
  Pick<Order, 'keyName'>

/** An estimate may be too high by so much; what is really too large is found out. */
const certain = 0.75

/** The order of a chat of about so many tokens, of no model in particular. */
export function chatOrder(request: ChatRequest, promptTokens: number, asker: Asker): Order {
  const text = promptText(request)
  const { expectedTokens = 0, hedge } = asker
  return {
    ability: 'chat',
    promptTokens,
    outputTokens: expectedTokens,
    prefix: prefixOf(text),
    contextTokens: Math.ceil(promptTokens * certain) + (request.maxTokens ?? 0),
    ...(hedge === undefined ? {} : { hedge }),
    ...askedBy(asker),
  }
}

/** The order of a batch of texts for vectors or scores. */
export function textsOrder(
  ability: 'embeddings' | 'rerank',
  texts: readonly string[],
  model: string | undefined,
  asker: Asker,
): Order {
  return {
    ability,
    ...(model === undefined ? {} : { model }),
    promptTokens: texts.reduce((sum, text) => sum + estimateTokens(text), 0),
    outputTokens: 0,
    whole: true,
    ...askedBy(asker),
  }
}

function askedBy({
  keyId,
  keyName,
  priority,
  region,
}: Asker): Pick<Order, 'keyId' | 'keyName' | 'priority' | 'region'> {
  return {
    ...(keyId === undefined ? {} : { keyId }),
    ...(keyName === undefined ? {} : { keyName }),
    ...(priority === undefined ? {} : { priority }),
    ...(region === undefined ? {} : { region }),
  }
}

/** The prompt in the order in which servers write it: what stays the same from turn to turn comes first. */
function promptText({ messages, tools }: ChatRequest): string {
  const said = messages.map((message) => {
    const calls = message.role === 'assistant' && message.toolCalls ? JSON.stringify(message.toolCalls) : ''
    return `${message.role}\n${message.content}${calls}`
  })
  return (tools ? [JSON.stringify(tools), ...said] : said).join('\n')
}
