// What a running factory can do, whoever asks: a program in this process, the gateway, or a command over the socket.
// Everything here is plain data in and out, so that the same interface can stand at the far end of a port.

import type { DocumentInfo, DocumentStatus } from './document.ts'
import type { Plain } from './plain.ts'
import type { AnswerEvent, Filter, Found, Question } from './question.ts'

/** Options that every request takes. */
export interface Caller {
  /** Whose documents. Default `default`. */
  tenant?: string
  signal?: AbortSignal
  /** W3C traceparent. */
  trace?: string
}

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
}

export interface Factory extends AsyncDisposable {
  /** Asks, and streams what happens until `answer-end`. Leaving the loop early cancels the answer. */
  ask(question: string | Question, caller?: Caller): AsyncIterable<AnswerEvent>
  /**
   * The passages for a question, best first, without an answer. `k` defaults to 10; `rerank` to true. `by` limits what
   * is searched with: words, vectors, or (the default) both where there are vectors.
   */
  search(
    query: { text: string; filter?: Filter; k?: number; rerank?: boolean; by?: 'both' | 'words' | 'vectors' },
    caller?: Caller,
  ): Promise<Found[]>
  /** Accepts a document: when this returns it is on disk with its job. Loading goes on behind it. */
  add(source: DocumentSource, caller?: Caller): Promise<Added>
  /** Jobs as they change, until each of these has ended. */
  watch(jobIds: string[], caller?: Caller): AsyncIterable<JobView>
  list(
    query?: { collection?: string; name?: string; status?: DocumentStatus; limit?: number; after?: string },
    caller?: Caller,
  ): Promise<DocumentInfo[]>
  collections(caller?: Caller): Promise<{ collection: string; documents: number; passages: number }[]>
  document(id: string, caller?: Caller): Promise<DocumentInfo>
  /** The stored plain text, or a span of it. */
  text(id: string, span?: { start: number; end: number }, caller?: Caller): Promise<string>
  /** Hides at once; undone by `restore` for 7 days, unless `now`. */
  remove(id: string, options?: { now?: boolean }, caller?: Caller): Promise<void>
  restore(id: string, caller?: Caller): Promise<DocumentInfo>
  jobs(
    query?: { state?: JobView['state']; documentId?: string; limit?: number; after?: string },
    caller?: Caller,
  ): Promise<JobView[]>
  explain(jobId: string, caller?: Caller): Promise<JobStory>
  cancel(jobId: string, caller?: Caller): Promise<JobView>
  retry(jobId: string, caller?: Caller): Promise<JobView>
  /** A copy of everything, made while running, as a folder that must not exist yet. */
  backup(to: string, caller?: Caller): Promise<{ path: string; documents: number; bytes: number }>
  /** Everything of the tenant as open files: the documents as they came, and JSON Lines beside them. */
  export(to: string, caller?: Caller): Promise<{ path: string; documents: number; sessions: number }>
  /** Reads what `export` wrote. Documents that are already there stay as they are. */
  import(from: string, caller?: Caller): Promise<{ documents: number; sessions: number; jobIds: string[] }>
  health(caller?: Caller): Promise<Health>
}
