// What the two embedding protocols have in common: where the server is, what the model is called, and the id that
// names a generation of the index.

import { hash } from 'node:crypto'
import type { EmbeddingKind } from './model.ts'

export interface EmbedderOptions {
  /** Address of the server. */
  url: string
  apiKey?: string
  /** Part of the id: exchange the model behind the address, and it needs another name here. */
  model: string
  /** Numbers per vector. Default: told from the first vector that comes back. */
  dimensions?: number
  /** Put before each text, for models that were trained with it (`query: ` and `passage: ` of E5). Default: nothing. */
  prefixes?: Partial<Record<EmbeddingKind, string>>
  /** Inputs of one request. Default 64. */
  batch?: number
  /** Requests on their way at once. Default 4: enough to keep a server's queue filled, too few to be a flood. */
  concurrency?: number
  /** Milliseconds for one request; when they are over, smaller requests are made. Default: see timeouts.ts. */
  timeoutMs?: number
  /** Attempts of one request, when the server is busy or away. Default 4. */
  attempts?: number
  /** Milliseconds for a connection. Default 5,000. */
  connectMs?: number
  /** Names of the settings, for messages. Default: the environment variables. */
  settings?: { address: string; key: string; model: string }
}

/** Estimated tokens of one request: a few seconds of a CPU server, and well below the limits of clouds. */
export const batchTokens = 8_000

/** Names of the settings, for messages. */
export const embedderSettings = {
  address: 'ANDON_EMBEDDER_URL',
  key: 'ANDON_EMBEDDER_API_KEY',
  model: 'ANDON_EMBEDDER_MODEL',
  dimensions: 'ANDON_EMBEDDER_DIMENSIONS',
} as const

/**
 * The id of an embedder: everything that changes its vectors, and nothing else. The address is not in it: the same
 * model moved to another machine continues the same index.
 */
export function embedderId(options: Pick<EmbedderOptions, 'model' | 'dimensions' | 'prefixes'>): string {
  const { model, dimensions, prefixes } = options
  const size = dimensions === undefined ? '' : `@${dimensions}`
  const said = [prefixes?.passage ?? '', prefixes?.question ?? '']
  const mark = said.join('') === '' ? '' : `+${hash('sha256', JSON.stringify(said)).slice(0, 8)}`
  return model + size + mark
}
