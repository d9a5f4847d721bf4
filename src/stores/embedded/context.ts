// What the handlers of the writer and of the readers are given.

import type { Database } from './database.ts'
import type { VectorWriter } from './vectors/writer.ts'
import type { KnownWords } from './vocabulary.ts'

/** One command's view of the writer, inside a transaction. */
export interface WriteContext {
  readonly db: Database
  /** Folder of the blobs. */
  readonly blobs: string
  /** The vectors in shared memory; absent where threads share none. */
  readonly vectors: VectorWriter | undefined
  readonly words: KnownWords
  /** Unix ms, the same during one command. */
  readonly now: number
  /** Runs once the transaction is on disk; never when it is rolled back. */
  afterCommit(effect: () => void): void
}

/** What a reader gives its handlers: one connection that only reads. */
export interface ReadContext {
  readonly db: Database
}

/** A set of commands: each takes its context and plain input, and answers plain data. */
export type CommandOf<Handlers> = {
  [Kind in keyof Handlers & string]: Handlers[Kind] extends (context: never, input: infer Input) => unknown
    ? { kind: Kind; input: Input }
    : never
}[keyof Handlers & string]

/** What a command answers. */
export type ReplyOf<Handlers, Kind extends keyof Handlers> = Handlers[Kind] extends (
  context: never,
  input: never,
) => infer Reply
  ? Awaited<Reply>
  : never

/** What a command takes. */
export type InputOf<Handlers, Kind extends keyof Handlers> = Handlers[Kind] extends (
  context: never,
  input: infer Input,
) => unknown
  ? Input
  : never
