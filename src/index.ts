// The public surface of Andon as a library.
//
//   import { createFactory } from 'andon'
//
//   await using factory = await createFactory({ dataDir: './data' })
//   await factory.add({ path: './handbook.pdf' })
//   for await (const event of factory.ask('Who approves travel?')) …

export { createFactory, type Implementations } from './factory.ts'
export { defineConfig, type Options, type OptionsInput } from './options.ts'
export { version } from './version.ts'

export { AndonError, statusOf, type AndonErrorOptions, type Code, type WireError } from './core/errors.ts'
export type { Plain } from './core/plain.ts'
export type { Added, Caller, DocumentSource, Factory, Health, HealthPart, JobStory, JobView } from './core/factory.ts'
export type { Block, BlockKind, DocumentInfo, DocumentStatus } from './core/document.ts'
export type {
  AnswerEnd,
  AnswerEvent,
  Citation,
  Confidence,
  Degradation,
  Filter,
  Found,
  Passage,
  Question,
  Turn,
  Usage,
} from './core/question.ts'

export { openGateway, type Gateway, type GatewayOptions } from './gateway/server.ts'

export { streamRetrieval } from './stations/search/stream-retrieval.ts'

export type {
  ChatEvent,
  ChatMessage,
  ChatModel,
  ChatRequest,
  Embedder,
  EmbeddingKind,
  FinishReason,
  Reranker,
} from './models/model.ts'

export { openCall, type CallOptions, type OwnedCall } from './core/call.ts'
export type { Call, Limits, Maker, Places, Recipe, Station } from './core/station.ts'
