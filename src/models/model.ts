// The contracts of the three kinds of models: one that talks, one that turns text into vectors, one that scores.

import type { AskedCall, ClientTool, Usage } from '../core/question.ts'
import type { Plain } from '../core/plain.ts'
import type { Call } from '../core/station.ts'

export type ChatMessage =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string; toolCalls?: AskedCall[] }
  /** What came of a call. */
  | { role: 'tool'; content: string; callId: string }

export interface ChatRequest {
  messages: ChatMessage[]
  /** The server's own name of the model. Default: the one the client was made with. */
  model?: string
  /** Most tokens of the answer. Default: the server's. */
  maxTokens?: number
  /** Default: the server's. */
  temperature?: number
  /** Only the likeliest tokens that together have this share of all are drawn from, above 0 to 1. Default: the server's. */
  topP?: number
  /** Tools that it may call, in a stable order. */
  tools?: ClientTool[]
  /** Default `auto`. */
  toolChoice?: 'auto' | 'none' | 'required' | { name: string }
  /** Whether it may call several at once. Default true. */
  parallelCalls?: boolean
  /** Asks for one JSON object as the answer, where the server knows how. */
  json?: boolean
  /**
   * Asks for an answer of this shape, where the server knows how; where it does not, for JSON or for nothing. Whoever
   * asks checks what came.
   */
  schema?: AnswerSchema
  /** How much it may think before it answers, where that can be said. Default: the model's own. */
  reasoning?: 'off' | 'low' | 'medium' | 'high'
  /** The same seed and request give the same answer, as far as the server can. */
  seed?: number
  /** The answer ends before any of these. */
  stop?: string[]
  /** In the server's own queue, where it has one that knows: 0 goes first. */
  priority?: number
  /** Requests with different words share no cached prompt, where the server knows: for tenants. 1 to 128 characters. */
  cacheSalt?: string
  /** Milliseconds until the first piece of text or reasoning. Default: see timeouts.ts. */
  firstTokenMs?: number
  /** Milliseconds that the server may be silent after that. Default: see timeouts.ts. */
  idleMs?: number
  /** Milliseconds for the whole answer. Default: what the call has left. */
  budgetMs?: number
}

/** The shape that an answer is to have. */
export interface AnswerSchema {
  /** 1 to 64 letters, digits, dashes or underscores. */
  name: string
  /** JSON Schema. */
  schema: { readonly [key: string]: Plain }
  /** Whether the server must hold to every word of it; some then take only a part of JSON Schema. Default: its own. */
  strict?: boolean
}

/** Why a model stopped. `length`: its token limit cut it; `filter`: the provider refused to go on; `tools`: it calls some. */
export type FinishReason = 'stop' | 'length' | 'filter' | 'tools' | 'other'

/** What a model says, in order. `finish` is the last one; `usage` comes before it, when the server counts. */
export type ChatEvent =
  /** First of all, where another model answers than the one that was asked: which. */
  | { type: 'fallback'; model: string }
  | { type: 'text-delta'; text: string }
  | { type: 'reasoning-delta'; text: string }
  /** A whole call: pieces are put together before it is told. */
  | { type: 'tool-call'; call: AskedCall }
  | { type: 'usage'; usage: Usage }
  | { type: 'finish'; reason: FinishReason }

/**
 * A model that answers. Every failure is an AndonError:
 * `deadline` when it was too slow, `overloaded` when it is busy (with `retryAfterMs` when it said so), `too-large` when
 * the prompt does not fit it, `unavailable` for everything else that keeps it from answering. When `call.signal` has
 * aborted, the signal's own reason is thrown. An answer that was cut is an error too, never a short answer.
 */
export interface ChatModel {
  /** Name for people, such as `qwen3:8b`. */
  readonly name: string
  /** Tokens of prompt and answer together, when known. */
  readonly contextTokens?: number | undefined
  /** False when it cannot call tools. Default: nobody knows, and it is tried. */
  readonly callsTools?: boolean | undefined
  /**
   * Learns its name, where nobody gave it one and the server tells within a second. What is kept of it is found by its
   * name, by the first question after a start too. Never rejects.
   */
  learnName?(call: Call): Promise<void>
  /** Leaving the loop early, and aborting the call, close the connection at once, which stops the generation. */
  chat(request: ChatRequest, call: Call): AsyncIterable<ChatEvent>
}

/** Some models want to know which side of the search a text is on. */
export type EmbeddingKind = 'passage' | 'question'

/** A model that turns texts into vectors of length 1, in the order of the texts. */
export interface Embedder {
  /** Names the generation of the index: vectors of two embedders with different ids never meet. */
  readonly id: string
  embed(texts: string[], kind: EmbeddingKind, call: Call): Promise<Float32Array[]>
}

/** A model that scores texts for a query: one number for each text, in their order, higher is better. */
export interface Reranker {
  readonly name: string
  rerank(query: string, texts: string[], call: Call): Promise<number[]>
}
