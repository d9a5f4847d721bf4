// The contracts of everything that is kept. `embedded/` is the default; each contract has a published suite in
// contracts/ (andon/testing). Every method takes the tenant first, and an id of another tenant is simply not found.
// Methods are atomic commands: no closure and no open transaction ever crosses a port.

import type { AnswerRecord } from '../core/answer-record.ts'
import type { Block, DocumentInfo, DocumentStatus, DocumentText, Place, PreparedPassage } from '../core/document.ts'
import type { KeyInfo } from '../core/key.ts'
import type { Filter, Metadata, Passage, Turn } from '../core/question.ts'
import type { Plain } from '../core/plain.ts'
import type { SessionPlace } from '../core/session.ts'
import type { ToolPermission } from '../core/tooling.ts'
import type { Quota } from './quota.ts'

/** Everything a factory keeps. Disposal finishes what is being written. */
export interface Stores extends AsyncDisposable {
  library: Library
  jobs: JobStore
  sessions: SessionStore
  answers: AnswerStore
  keys: KeyStore
  ledger: Ledger
  toolSettings: ToolSettingStore
  blobs: BlobStore
  index: PassageIndex
}

// ─── Documents ───────────────────────────────────────────────────────────────────────────────────────────────────

export interface AcceptedInput {
  tenant: string
  collection: string
  name: string
  mediaType: string
  hash: string
  size: number
  metadata: Metadata
  title?: string
  /** How often its loading is tried. Default 3. */
  maxAttempts?: number
  /** What the tenant may have then: refused as `forbidden`, and nothing is kept, when it would have more. */
  quota?: Quota
}

export interface Accepted {
  document: DocumentInfo
  /** `unchanged`: the same bytes, title and metadata are already there (or on their way): nothing was done. */
  outcome: 'added' | 'replacing' | 'restored' | 'unchanged'
  /** The job that loads it; of `unchanged`, the one still under way, if any. */
  jobId?: string
  /** The job of the bytes before, when it had not ended: it is cancelled. */
  cancelledJobId?: string
}

/** What `publish` makes visible in one step. */
export interface Publication {
  tenant: string
  documentId: string
  jobId: string
  /** The lease's fence: a publication under an older fence is refused as a conflict. */
  fence: number
  title: string
  text: string
  blocks: Block[]
  pages?: number
  warnings: string[]
  analyser: string
}

export interface DocumentQuery {
  collection?: string
  name?: string
  status?: DocumentStatus
  /** Default 100. */
  limit?: number
  /** Id of the last document of the page before. */
  after?: string
}

export interface Library {
  /**
   * Writes the document's row and its job in one durable transaction; when it returns, kill -9 loses nothing.
   * The same name with other bytes replaces: the old passages answer until the new ones are published.
   */
  accept(input: AcceptedInput): Promise<Accepted>
  /** Also of a removed document, until it is purged. */
  get(tenant: string, id: string): Promise<DocumentInfo | undefined>
  /** Oldest first; removed documents only when that status is asked for. */
  list(tenant: string, query?: DocumentQuery): Promise<DocumentInfo[]>
  collections(tenant: string): Promise<{ collection: string; documents: number; passages: number }[]>
  /** The stored plain text, or a span of it. */
  text(tenant: string, id: string, span?: { start: number; end: number }): Promise<string | undefined>
  blocks(tenant: string, id: string): Promise<Block[] | undefined>
  /** A span of the stored plain text (cut to what there is) with the blocks that touch it, all of one moment. */
  read(tenant: string, id: string, span?: { start: number; end: number }): Promise<DocumentText | undefined>
  /**
   * Under which headings and on which pages each of these passages stands: its places in order, one list for each
   * passage. The list of one that is gone, hidden or not published yet is empty.
   */
  places(tenant: string, passages: Pick<Passage, 'id' | 'start' | 'end'>[]): Promise<Place[][]>
  /**
   * Puts passages of the coming version aside, invisibly. Batches may be repeated: an ordinal is kept once. What an
   * earlier lease of the job had put aside is forgotten.
   */
  stage(tenant: string, documentId: string, jobId: string, fence: number, passages: PreparedPassage[]): Promise<void>
  /**
   * Makes the staged passages the document's only ones, with its text and blocks, and ends the job as done, in one
   * transaction. Passages of the version before can be read by row or id for two minutes more, but not found.
   */
  publish(publication: Publication): Promise<DocumentInfo>
  /** For a document that is not removed. Taking, failing, cancelling and publishing set the status by themselves. */
  setStatus(tenant: string, id: string, status: DocumentStatus, reason?: string): Promise<void>
  /** Hides at once. Undone by `restore` until it is purged: 7 days later, or `now`. */
  remove(tenant: string, id: string, options?: { now?: boolean }): Promise<boolean>
  /** A document that is not removed is answered as it is. Throws `forbidden` when the quota has no room for it. */
  restore(tenant: string, id: string, quota?: Quota): Promise<DocumentInfo | undefined>
  /**
   * Changes title and metadata of a document that is not removed, without loading it again; filters see it at once.
   * Null removes a key of the metadata.
   */
  describe(
    tenant: string,
    id: string,
    change: { title?: string; metadata?: Record<string, Plain | null> },
  ): Promise<DocumentInfo | undefined>
  /** Purges what was removed before `before` (Unix ms). Returns the hashes of blobs that nothing refers to any more. */
  purge(before: number): Promise<{ documents: number; orphanedBlobs: string[] }>
  /**
   * Passages of any tenant that lack their vector of this generation, oldest first, with the text to embed. Passages
   * without one count as `vectorsMissing` from the first time on that their generation is asked for.
   */
  withoutVectors(generation: string, limit: number): Promise<{ tenant: string; rowId: number; text: string }[]>
  putVectors(generation: string, vectors: { rowId: number; vector: Float32Array }[]): Promise<void>
  /** Of what is not removed. `waiting`: documents on their way to be ready. */
  totals(
    tenant?: string,
  ): Promise<{ documents: number; passages: number; bytes: number; tenants: number; waiting: number }>
}

// ─── Finding ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** A term of a question and how much it counts: 1 for words and numbers, 0.5 for bigrams and parts. */
export interface WeightedTerm {
  term: string
  weight: number
}

/** A row that was found. `rowId` is the store's own number of the passage. */
export interface Hit {
  rowId: number
  score: number
}

/** What the documents of one tenant say about terms. */
export interface TermStatistics {
  /** Number of passages. */
  passages: number
  /** Mean number of terms of a passage. */
  averageLength: number
  /** In how many passages each asked term stands; absent means 0. */
  frequencies: Map<string, number>
}

/**
 * How passages are found. Every answer depends on the rows of one tenant only: other tenants' words change neither
 * ranking nor repair. In the thread that holds the store its methods answer at once.
 */
export interface PassageIndex {
  statistics(tenant: string, terms: string[]): Promise<TermStatistics>
  /** Terms of the tenant's vocabulary that look like an unknown one, nearest first (at most 3). */
  similar(tenant: string, term: string): Promise<string[]>
  /** Best rows by BM25, best first, scores positive. */
  keyword(tenant: string, terms: WeightedTerm[], filter: Filter, k: number): Promise<Hit[]>
  /** Nearest rows by cosine, best first; exact. */
  vector(tenant: string, generation: string, vector: Float32Array, filter: Filter, k: number): Promise<Hit[]>
  /** In the order asked; rows that are gone are left out. */
  passages(tenant: string, rowIds: number[]): Promise<(Passage & { rowId: number })[]>
  passagesById(tenant: string, ids: string[]): Promise<Passage[]>
}

// ─── Generations of the index ────────────────────────────────────────────────────────────────────────────────────

/** A passage whose terms are to be made anew. */
export interface PassageToAnalyse {
  tenant: string
  rowId: number
  title: string
  headings: string[]
  prefix?: string
  text: string
}

/** Terms of a passage under the new analyser. */
export interface PassageTerms {
  rowId: number
  titleTerms: string
  bodyTerms: string
  length: number
}

/** How far each generation is. */
export interface GenerationStatus {
  /** Per analyser: tenants whose questions it answers, tenants for which it is being made. */
  analysers: { analyser: string; answers: number; building: number }[]
  /** Per embedder: passages that have their vector, of how many. */
  embedders: { generation: string; dimensions?: number; vectors: number; passages: number; wanted: boolean }[]
}

/** Terms by another analyser, made beside those that answer. */
export interface Generations {
  /**
   * The next passages whose terms this analyser has to make, oldest first. A tenant of which none is left is answered
   * by the new terms from that moment on; an empty answer means that all tenants are.
   */
  reindexBatch(analyser: string, limit: number): Promise<PassageToAnalyse[]>
  /** Writes the terms of such a batch. Passages that are gone are passed over. */
  putTerms(analyser: string, passages: PassageTerms[]): Promise<void>
  generationStatus(): Promise<GenerationStatus>
  /** Forgets the vectors of every other embedder. Returns how many generations went. */
  keepGeneration(generation: string): Promise<number>
}

// ─── Jobs ────────────────────────────────────────────────────────────────────────────────────────────────────────

export type JobKind = 'load' | 'embed' | 'reindex'
export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled' | 'dead'

export interface Job {
  id: string
  tenant: string
  kind: JobKind
  documentId?: string
  documentName?: string
  state: JobState
  stage: string
  progress: { done: number; total: number }
  attempts: number
  maxAttempts: number
  /** Unix ms: not before this. */
  runAt: number
  leaseUntil?: number
  worker?: string
  /** Why the last attempt failed. */
  error?: { code: string; message: string }
  createdAt: number
  startedAt?: number
  endedAt?: number
}

/** A job in the hands of a worker. Every write names the fence; an older fence is refused as a conflict. */
export interface Lease {
  job: Job
  fence: number
  input: Plain
}

/** Why a job waits, who works on it, what comes next: in data and in sentences. */
export interface JobExplanation {
  job: Job
  /** Jobs of the tenant, and of everybody, that come before it. */
  before: { tenant: number; all: number }
  sentences: string[]
  history: { at: number; event: string; detail?: string }[]
}

/** What follows a failed attempt. */
export interface Next {
  /** Unix ms. */
  retryAt?: number
  /** Must not be tried again without a person. */
  dead?: boolean
  /** Whether the attempt counts. Default true. */
  counts?: boolean
  /** What becomes of the document when the job is over, with the reason that its owner reads. */
  document?: { status: 'failed' | 'quarantined'; reason: string }
}

export interface JobStore {
  enqueue(input: {
    tenant: string
    kind: JobKind
    documentId?: string
    input?: Plain
    maxAttempts?: number
  }): Promise<Job>
  /**
   * Takes up to `limit` jobs that are due or whose lease ran out: `load` before `embed` before `reindex`, one tenant
   * after the other, the oldest first. A job whose worker vanishes ten times is dead.
   */
  claim(options: { worker: string; leaseMs: number; limit: number; kinds?: JobKind[] }): Promise<Lease[]>
  renew(id: string, fence: number, leaseMs: number): Promise<boolean>
  progress(id: string, fence: number, stage: string, done: number, total: number): Promise<boolean>
  /** Does nothing when this lease ended the job before (as `publish` does). */
  finish(id: string, fence: number): Promise<void>
  /**
   * Tries again at `retryAt` while attempts are left; without them, or with `dead`, the job is `dead`, else `failed`.
   * An attempt that is tried again does not count when it failed as `cancelled`, or when `counts` is false: for reasons
   * that are not the job's own. The document of a `load` job follows: `waiting`; or, when it is over, what `document`
   * says; else `quarantined` or `failed`, unless its status was set in the meantime.
   */
  fail(id: string, fence: number, error: { code: string; message: string }, next: Next): Promise<Job>
  cancel(tenant: string, id: string): Promise<Job | undefined>
  /** A new attempt for a job that failed, died or was cancelled. */
  retry(tenant: string, id: string): Promise<Job | undefined>
  get(tenant: string, id: string): Promise<Job | undefined>
  /** Newest first. */
  list(
    tenant: string,
    query?: { state?: JobState; documentId?: string; limit?: number; after?: string },
  ): Promise<Job[]>
  explain(tenant: string, id: string): Promise<JobExplanation | undefined>
  /** Unix ms of the earliest job that will become due, or undefined. */
  nextDue(): Promise<number | undefined>
}

// ─── Sessions ────────────────────────────────────────────────────────────────────────────────────────────────────

/** What was said first in a session, in short. */
export interface Recap {
  text: string
  /** Turns from the beginning that it tells of: of each answer among them, the newest version. */
  turns: number
}

export interface Session {
  id: string
  version: number
  turns: Turn[]
  /** How many turns stand before these, where only the latest were asked for and there are more. */
  earlier?: number
  recap?: Recap
  updatedAt: number
  /** The name given to it. */
  title?: string
  removedAt?: number
}

/** A session in a list. */
export interface SessionSummary {
  id: string
  updatedAt: number
  turns: number
  /** How it began. */
  first: string
  title?: string
  removedAt?: number
}

export interface SessionStore {
  /**
   * An unknown id is a new, empty session of version 0. A removed one is told as such. With `latest` (a whole number from
   * 1 on), only so many of its turns.
   */
  read(tenant: string, id: string, options?: { latest?: number }): Promise<Session>
  /**
   * Appends when the version still holds, else throws a conflict. Returns the new version. A removed session is
   * restored by it. A version of an answer that the recap tells of takes the recap away.
   */
  append(tenant: string, id: string, version: number, turns: Turn[]): Promise<number>
  /**
   * Keeps a recap in place of the one before. False, and nothing is kept, unless the session is at this version, not
   * removed, holds the turns it tells of, and has no recap that tells of as many.
   */
  keepRecap(tenant: string, id: string, version: number, recap: Recap): Promise<boolean>
  /**
   * Latest first, without removed ones; each word of `search` (any case) in the title or in what was asked; `before`
   * (Unix ms) of their last turn, or behind this one of the list.
   */
  list(
    tenant: string,
    limit?: number,
    query?: { search?: string; before?: number | SessionPlace },
  ): Promise<SessionSummary[]>
  /** False when there is none. */
  rename(tenant: string, id: string, title: string): Promise<boolean>
  /** Hides at once, until it is purged; `now` forgets it, also one that is hidden. False when there is none. */
  remove(tenant: string, id: string, options?: { now?: boolean }): Promise<boolean>
  restore(tenant: string, id: string): Promise<boolean>
  /** Forgets what was removed before `before` (Unix ms). Returns how many. */
  purge(before: number): Promise<number>
}

// ─── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────────

export interface AnswerStore {
  /** Writes down that an answer begins: whatever then happens to the process, it is known. */
  begin(tenant: string, record: AnswerRecord): Promise<void>
  /** Writes down how it ended, with its events and spans; once. */
  end(tenant: string, record: AnswerRecord): Promise<void>
  get(tenant: string, id: string): Promise<AnswerRecord | undefined>
  /** Those that began and did not end, of any tenant, become `interrupted`: called when nobody can be making them. */
  interruptAll(): Promise<number>
  /** Forgets what began before `before` (Unix ms), unless it is under way. Returns how many. */
  purge(before: number): Promise<number>
  /** Forgets all of a conversation, under way or not. Returns how many. */
  forgetSession(tenant: string, sessionId: string): Promise<number>
}

// ─── Keys ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface KeyStore {
  /** `hash` is that of the secret, which is not kept. */
  create(key: KeyInfo, hash: string): Promise<void>
  /** Newest first, revoked ones too. */
  list(tenant: string): Promise<KeyInfo[]>
  revoke(tenant: string, id: string, at: number): Promise<KeyInfo | undefined>
  /** Of any tenant; also when it is revoked or expired: the caller looks. */
  find(hash: string): Promise<KeyInfo | undefined>
  /** Notes when keys were used. */
  used(uses: { id: string; at: number }[]): Promise<void>
  /** How many are not revoked, of all tenants. */
  count(): Promise<number>
}

/** What somebody decided about a tool; what is absent nobody has decided. */
export interface ToolSetting {
  tool: string
  enabled?: boolean
  permission?: ToolPermission
  /** What the tool was when the permission was given; comes and goes with the permission. */
  fingerprint?: string
}

export interface ToolSettingStore {
  /** Ordered by the names of the tools. */
  list(tenant: string): Promise<ToolSetting[]>
  /** What is absent stays as it was; a permission without a fingerprint takes that of the one before it away. */
  set(tenant: string, setting: ToolSetting): Promise<void>
}

// ─── What was used, and what was done once ───────────────────────────────────────────────────────────────────────

export interface Ledger {
  /**
   * Adds `amount` (whole; less than 0 gives back) to what the tenant used of something in a period, unless that would
   * be more than `limit`. Returns the sum, and whether it was added. A period is the beginning of a time in UTC, like
   * `2026-11-21` or `2026-11`.
   */
  spend(
    tenant: string,
    what: string,
    period: string,
    amount: number,
    limit?: number,
  ): Promise<{ sum: number; spent: boolean }>
  spent(tenant: string, what: string, period: string): Promise<number>
  /**
   * Takes a key for a write, until it is settled, for at most `holdMs`. `taken`: the same write is under way; `other`:
   * the key was used for something else; `done`: with what was answered then.
   */
  claim(
    tenant: string,
    key: string,
    fingerprint: string,
    holdMs: number,
  ): Promise<{ outcome: 'new' } | { outcome: 'taken' } | { outcome: 'other' } | { outcome: 'done'; reply: Plain }>
  /**
   * Keeps the reply for `keepMs`; without a reply the key is free again. When a tenant has more than `most` keys, those
   * that were settled first are forgotten.
   */
  settle(tenant: string, key: string, reply: Plain | undefined, keepMs: number, most?: number): Promise<void>
  /** Forgets periods that ended and keys whose time is over. */
  purge(now: number): Promise<void>
}

// ─── Blobs ───────────────────────────────────────────────────────────────────────────────────────────────────────

export interface BlobStore {
  /**
   * Streams bytes to disk and makes them durable; refuses more than `limit` bytes as too-large, leaving nothing. With
   * `held` they are not removed before a document is accepted with them, for at most ten minutes.
   */
  put(
    bytes: AsyncIterable<Uint8Array>,
    options?: { limit?: number; signal?: AbortSignal; held?: boolean },
  ): Promise<{ hash: string; size: number }>
  /** Path of a blob's file, for child processes that read it themselves. */
  path(hash: string): string
  has(hash: string): Promise<boolean>
  /** Deletes a blob unless a document refers to it, or is about to. Whether it is gone. */
  remove(hash: string): Promise<boolean>
}
