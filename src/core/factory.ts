// What a running factory can do, whoever asks: a program in this process, the gateway, or a command over the socket.
// Everything here is plain data in and out, so that the same interface can stand at the far end of a port.

import type { AnswerRecord, NumberedEvent } from './answer-record.ts'
import type { Caches } from './caches.ts'
import type { Caller } from './caller.ts'
import type { DocumentInfo, DocumentStatus, DocumentText } from './document.ts'
import type { KeyInfo, Scope } from './key.ts'
import type { Plain } from './plain.ts'
import type { AnswerEvent, Filter, Found, Question } from './question.ts'
import type { SessionExport, SessionInfo, SessionPlace, SessionView } from './session.ts'
import type { Tooling } from './tooling.ts'

export type { Caller } from './caller.ts'

/** A document to add: exactly one of `path`, `text` and `bytes`. */
export interface DocumentSource {
  /** What it is called: unique within tenant and collection. Default: the path. */
  name?: string
  /** A file on this machine. */
  path?: string
  text?: string
  bytes?: Uint8Array | AsyncIterable<Uint8Array>
  /** Default: told from the name and the first bytes. */
  mediaType?: string
  title?: string
  /** Default `default`. */
  collection?: string
  metadata?: Record<string, Plain>
}

export interface Added {
  document: DocumentInfo
  outcome: 'added' | 'replacing' | 'restored' | 'unchanged'
  /** The job that loads it, while there is one. */
  jobId?: string
}

/** A job as its owner sees it. */
export interface JobView {
  id: string
  kind: string
  documentId?: string
  documentName?: string
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled' | 'dead'
  stage: string
  progress: { done: number; total: number }
  attempts: number
  maxAttempts: number
  error?: { code: string; message: string }
  createdAt: number
  startedAt?: number
  endedAt?: number
}

export interface JobStory {
  job: JobView
  before: { tenant: number; all: number }
  /** Why it waits, who works on it, what comes next: for people. */
  sentences: string[]
  history: { at: number; event: string; detail?: string }[]
}

/** One thing that `health` looked at. */
export interface HealthPart {
  name: string
  ok: boolean
  /** One sentence: what is so, and what to set to get more. */
  message: string
}

export interface Health {
  ready: boolean
  version: string
  parts: HealthPart[]
  totals: { documents: number; passages: number; bytes: number; waiting: number; running: number }
  models: { chat?: string; embedder?: string; reranker?: string }
  eventLoopDelayMs: { p50: number; p99: number; max: number }
  /** Threads and processes that do the work: how many calls they have, and how many wait for one of them. */
  pools?: { name: string; size: number; running: number; waiting: number }[]
}

/** Questions and their answers. */
export interface Answering {
  /**
   * Asks, and streams what happens until `answer-end`. Leaving the loop early cancels the answer, unless the question
   * is resumable. Throws `overloaded` when the tenant's questions of the day are used up.
   */
  ask(question: string | Question, caller?: Caller): AsyncIterable<AnswerEvent>
  /**
   * The events of an answer behind the number `after` (default 0), then those to come, to its end. An answer that has
   * ended is replayed. Leaving the loop leaves the answer alone.
   */
  follow(answerId: string, from?: { after?: number }, caller?: Caller): AsyncIterable<NumberedEvent>
  /** Ends an answer under way; false when it had ended already. */
  stop(answerId: string, caller?: Caller): Promise<boolean>
  /** What happened: while it is made, and afterwards for as long as records are kept. */
  record(answerId: string, caller?: Caller): Promise<AnswerRecord>
  /**
   * The passages for a question, best first, without an answer. `k` defaults to 10; `rerank` to true. `by` limits what
   * is searched with: words, vectors, or (the default) both where there are vectors.
   */
  search(
    query: { text: string; filter?: Filter; k?: number; rerank?: boolean; by?: 'both' | 'words' | 'vectors' },
    caller?: Caller,
  ): Promise<Found[]>
  /** Vectors of length 1 in the order of the texts. Throws `unsupported` when no embedder is configured. */
  embed(
    texts: string[],
    options?: { kind?: 'passage' | 'question' },
    caller?: Caller,
  ): Promise<{ model: string; vectors: Float32Array[] }>
  /** One score for each text, in their order, higher is better: by the configured reranker, else by words. */
  rerank(query: string, texts: string[], caller?: Caller): Promise<{ model: string; scores: number[] }>
}

/** Documents. */
export interface Documents {
  /**
   * Accepts a document: when this returns it is on disk with its job. Loading goes on behind it. Throws `forbidden` when
   * the tenant's quota of documents or bytes has no room for it.
   */
  add(source: DocumentSource, caller?: Caller): Promise<Added>
  list(
    query?: { collection?: string; name?: string; status?: DocumentStatus; limit?: number; after?: string },
    caller?: Caller,
  ): Promise<DocumentInfo[]>
  collections(caller?: Caller): Promise<{ collection: string; documents: number; passages: number }[]>
  document(id: string, caller?: Caller): Promise<DocumentInfo>
  /** Changes what is said about a document, not what it says: given keys of `metadata` are set, null removes one. */
  describe(
    id: string,
    change: { title?: string; metadata?: Record<string, Plain | null> },
    caller?: Caller,
  ): Promise<DocumentInfo>
  /** The stored plain text, or a span of it. */
  text(id: string, span?: { start: number; end: number }, caller?: Caller): Promise<string>
  /** A span of the stored plain text with its blocks. Default: from the start, at most 100,000 characters. */
  read(id: string, span?: { start: number; end: number }, caller?: Caller): Promise<DocumentText>
  /** The document as it came, in pieces. */
  bytes(id: string, caller?: Caller): AsyncIterable<Uint8Array>
  /** Hides at once; undone by `restore` for 7 days, unless `now`. */
  remove(id: string, options?: { now?: boolean }, caller?: Caller): Promise<void>
  restore(id: string, caller?: Caller): Promise<DocumentInfo>
}

/** The work that loads documents. */
export interface Jobs {
  /**
   * Jobs as they change, until each of these has ended. Without ids, all of the tenant that have not ended and those to
   * come, until the caller leaves.
   */
  watch(jobIds: string[] | undefined, caller?: Caller): AsyncIterable<JobView>
  jobs(
    query?: { state?: JobView['state']; documentId?: string; limit?: number; after?: string },
    caller?: Caller,
  ): Promise<JobView[]>
  explain(jobId: string, caller?: Caller): Promise<JobStory>
  cancel(jobId: string, caller?: Caller): Promise<JobView>
  retry(jobId: string, caller?: Caller): Promise<JobView>
}

/** Conversations. */
export interface Sessions {
  /**
   * Latest first; `search` looks for words in titles and in what was asked. Default 100. `before`: those that were used
   * before a time, or that stand behind the last of the page before.
   */
  sessions(
    query?: { search?: string; limit?: number; before?: number | SessionPlace },
    caller?: Caller,
  ): Promise<SessionInfo[]>
  session(id: string, caller?: Caller): Promise<SessionView>
  renameSession(id: string, title: string, caller?: Caller): Promise<SessionInfo>
  /** All that is kept of it, but for the records of its answers: see `record`. */
  exportSession(id: string, caller?: Caller): Promise<SessionExport>
  /**
   * Hides at once; undone by `restoreSession` for as long as removed documents can be. With `now` it is erased, also when
   * it was removed before: its turns, its summary and the records of its answers; those under way are stopped.
   */
  removeSession(id: string, options?: { now?: boolean }, caller?: Caller): Promise<void>
  restoreSession(id: string, caller?: Caller): Promise<SessionInfo>
}

/** Keys of the caller's tenant. */
export interface Keys {
  /** The secret (`andon_` and 43 characters) is told here and never again. */
  createKey(
    key: { name: string; scopes?: Scope[]; expiresAt?: number },
    caller?: Caller,
  ): Promise<{ key: KeyInfo; secret: string }>
  /** Newest first, revoked ones too. */
  keys(caller?: Caller): Promise<KeyInfo[]>
  revokeKey(id: string, caller?: Caller): Promise<KeyInfo>
  /** Whose key a secret is, of any tenant; undefined when it is none, or no longer one. Notes that it was used. */
  keyOf(secret: string): Promise<KeyInfo | undefined>
  /** Whether there is any key that is not revoked, of any tenant. */
  hasKeys(): Promise<boolean>
}

/** What the tenant has used, and may use. Absent limits are none. */
export interface TenantUsage {
  documents: { used: number; limit?: number }
  bytes: { used: number; limit?: number }
  /** Questions of this day, UTC. */
  questions: { used: number; limit?: number }
}

/** Keeping, moving and looking after everything. */
export interface Keeping {
  usage(caller?: Caller): Promise<TenantUsage>
  /**
   * Remembers what was answered to a write that came with a key of its own, so that the same write twice is done once.
   * `claim` answers `new` to the first; then what `settle` was told, for a day. Another request under the same key is a
   * `conflict`, and so is one whose first is still under way.
   */
  claimOnce(key: string, fingerprint: string, caller?: Caller): Promise<{ new: true } | { new: false; reply: Plain }>
  /** Without a reply the key is free again: the write failed. */
  settleOnce(key: string, reply: Plain | undefined, caller?: Caller): Promise<void>
  /** A copy of everything, made while running, as a folder that must not exist yet. */
  backup(to: string, caller?: Caller): Promise<{ path: string; documents: number; bytes: number }>
  /** Everything of the tenant as open files: the documents as they came, and JSON Lines beside them. */
  export(to: string, caller?: Caller): Promise<{ path: string; documents: number; sessions: number }>
  /** Reads what `export` wrote. Documents that are already there stay as they are. */
  import(from: string, caller?: Caller): Promise<{ documents: number; sessions: number; jobIds: string[] }>
  health(caller?: Caller): Promise<Health>
}

/** A running factory. An id of another tenant is simply not found. */
export interface Factory
  extends Answering, Documents, Jobs, Sessions, Keys, Keeping, Caches, Tooling, AsyncDisposable {}
