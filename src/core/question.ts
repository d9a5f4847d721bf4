// What is asked, what is found and what is said.

import type { BlockKind } from './document.ts'
import type { Plain } from './plain.ts'

/** Limits a search within the caller's tenant. Empty means everything of the tenant. */
export interface Filter {
  collections?: string[]
  documents?: string[]
  /** Everything but these. */
  excludeDocuments?: string[]
  /** Each key must equal the value, or one of the values. */
  metadata?: Record<string, string | number | boolean | (string | number | boolean)[]>
}

export interface Question {
  text: string
  filter?: Filter
  /** Continues a conversation. */
  sessionId?: string
  /** Earlier turns, oldest first, for a caller that keeps the conversation itself. Not together with `sessionId`. */
  history?: Turn[]
  /** Passages given to the answerer. Default 6. */
  passages?: number
  /** Milliseconds for the whole answer. Default from the options. */
  budgetMs?: number
  /** `auto` uses a model when there is one. */
  mode?: 'auto' | 'extractive'
  /**
   * Whether the answer goes on when its reader leaves: it is then ended by `stop` or its own end, and read again with
   * `follow`. Default false: leaving is stopping.
   */
  resumable?: boolean
  /** Id of an answer of the same session that this one is another version of: it is answered as that one was. */
  retryOf?: string
}

/** A piece of a document that can be found, read and cited. */
export interface Passage {
  /** `<document id>.<version>.<ordinal>`: stable, and never a position in a list. */
  id: string
  documentId: string
  documentName: string
  title: string
  collection: string
  headings: string[]
  kind: BlockKind
  page?: number
  pageEnd?: number
  ordinal: number
  /** Character span in the document's stored plain text. */
  start: number
  end: number
  text: string
  prefix?: string
}

/** A passage with its scores. Higher is better; `score` orders. */
export interface Found {
  passage: Passage
  score: number
  keyword?: number
  vector?: number
}

/** The exact place in a document that supports a sentence of the answer. */
export interface Citation {
  passageId: string
  documentId: string
  documentName: string
  title: string
  headings: string[]
  page?: number
  /** Character span in the document's stored plain text. */
  start: number
  end: number
  /** The text of that span. */
  quote: string
}

export interface Turn {
  role: 'user' | 'assistant'
  text: string
  at: number
  /** Of an assistant's turn: the passages it cited, best first. */
  cited?: string[]
  /** The place cited first, from which "the next one" is found. */
  citedFirst?: { documentId: string; passageId: string; start: number; end: number }
  /** Of a user's turn: the whole question it stood for. */
  resolved?: string
  /** The answer this turn belongs to: its record tells what happened. */
  answerId?: string
  /** The answer that this one is another version of. Later turns follow on the newest version. */
  versionOf?: string
}

export interface Usage {
  promptTokens: number
  completionTokens: number
  estimated: boolean
}

/** Why an answer is less than it could be. */
export interface Degradation {
  /** `model-missing` is not a fault: none is configured. */
  reason: 'model-missing' | 'model-failed' | 'model-slow' | 'embedder-failed' | 'reranker-failed' | 'out-of-time'
  /** One sentence for a person. */
  message: string
}

/** How much the documents support the answer. */
export type Confidence = 'answered' | 'uncertain' | 'refused'

/** How an answer came to be. */
export interface AnswerEnd {
  type: 'answer-end'
  id: string
  text: string
  mode: 'generated' | 'extractive'
  /** Who wrote it, of a generated one. */
  model?: string
  confidence: Confidence
  /** The refusal score; comparable between questions on the same documents. */
  score: number
  citations: Citation[]
  /** Sentences without support, and citations that were removed. */
  unsupported: number
  citationsRemoved: number
  degraded: Degradation[]
  skipped: string[]
  usage?: Usage
  /** Milliseconds by station. */
  timings: Record<string, number>
  /** Milliseconds for the whole answer. */
  totalMs: number
  sessionId?: string
}

/** What a caller sees while an answer is made, in order. The last one is `answer-end`. */
export type AnswerEvent =
  | { type: 'answer-start'; id: string; question: string; resolved?: string }
  | { type: 'stage-start'; stage: string }
  | { type: 'stage-end'; stage: string; ms: number }
  | { type: 'passages-found'; passages: Found[]; search: 'lexical' | 'hybrid'; repaired?: Record<string, string[]> }
  | { type: 'text-delta'; text: string }
  /** `marker` is the number shown in the text as `[marker]`, counted in order of first use. */
  | { type: 'citation'; marker: number; citation: Citation }
  /** One finished sentence, with its span in the answer's text so far. */
  | { type: 'sentence-checked'; start: number; end: number; supported: boolean; problems: string[] }
  | { type: 'answer-degraded'; degradation: Degradation }
  | { type: 'usage'; usage: Usage }
  /** Questions that the documents could answer next, at most three; absent when none suggests itself. */
  | { type: 'suggestions'; questions: string[] }
  | AnswerEnd

export type Metadata = Record<string, Plain>
