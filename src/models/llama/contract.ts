// What passes between Andon and the process of a model: plain data, the same in both directions.

import type { ChatEvent, ChatMessage } from '../model.ts'

/** What the process is started with. */
export type EngineSettings = {
  /** Absolute path of the GGUF file. */
  path: string
  contextTokens?: number
  sequences: number
  gpu: 'auto' | 'cuda' | 'vulkan' | 'metal' | 'none'
  /** Default: the cores of the CPU less one. */
  threads?: number
  from?: string
}

/** What a model of texts is started with. */
export type EncoderSettings = EngineSettings & { does: 'embed' | 'rerank' }

/** An answer that is asked for. */
export interface ChatOrder {
  messages: ChatMessage[]
  maxTokens?: number
  /** Default 0: always the likeliest token. */
  temperature?: number
  /** As a ChatModel has it. Default: all of them. */
  topP?: number
  /** The same seed gives the same answer. Default: another one each time. */
  seed?: number
  /** Texts at which the answer ends; they are not part of it. */
  stop?: string[]
  /** Asks for one JSON object. */
  json?: boolean
  /** Most tokens of its thoughts. Default: as many as the answer may have. */
  thoughtTokens?: number
  /** A JSON Schema that the answer keeps to. */
  schema?: object
}

export type ChatInput = { ask: 'about' } | { ask: 'chat'; order: ChatOrder }

/** `alive`: it computes, and there is nothing yet to be said. */
export type ChatItem = { type: 'about'; contextTokens: number } | { type: 'alive' } | ChatEvent

export type EncoderInput = { ask: 'embed'; texts: string[] } | { ask: 'rerank'; query: string; texts: string[] }

/** Vectors row after row in one block, or one score for each text. */
export interface EncoderOutput {
  columns: number
  data: Float32Array
}
