// What is asked, what is found and what is said.

import type { BlockKind } from './document.ts'
import type { Plain } from './plain.ts'
import type { ToolApproval } from './tooling.ts'

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
  /**
   * The factory's tools that the model may call: all that are switched on (`true`), those named, or none (`false`, `[]`).
   * Default: what the options say.
   */
  tools?: boolean | string[]
  /** Tools of the caller. A call of one ends the answer with `toolCalls`; what came of it is told in `history`. */
  clientTools?: ClientTool[]
  /** Whether the model must call a tool (any, or the one named), or must not. Default `auto`. */
  toolChoice?: 'auto' | 'none' | 'required' | { name: string }
  /** Whether the model may call several tools at once. Default true. */
  parallelCalls?: boolean
  /**
   * False asks the model whatever is kept of the same question; what it says takes the place of that. Another version of
   * an answer does so too. Default: what the options say.
   */
  cache?: boolean
}

/** A tool that the caller runs itself. */
export interface ClientTool {
  name: string
  description?: string
  /** JSON Schema of its arguments. */
  parameters?: { readonly [key: string]: Plain }
}

/** A call that a model asked for. */
export interface AskedCall {
  id: string
  name: string
  /** JSON, as the model wrote it. */
  arguments: string
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
  /** `tool`: what came of a call of the turn before; `callId` says of which. */
  role: 'user' | 'assistant' | 'tool'
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
  /** Of an assistant's turn: the calls of the caller's own tools that it ended with. */
  toolCalls?: AskedCall[]
  callId?: string
}

export interface Usage {
  promptTokens: number
  completionTokens: number
  /** Of the prompt's: those the server had worked out before, when it says so. */
  cachedTokens?: number
  /** Of the completion's: those of its reasoning, when it says so. */
  reasoningTokens?: number
  estimated: boolean
}

/** Words of a model that it said to the same question before, or to one that means the same. */
export interface CachedWords {
  /** When it had said them, in milliseconds since 1970. */
  at: number
  /** How old they were when they were asked for: 0 when they were just being said. */
  ageMs: number
  /** The question they were said to, when it was asked in other words: see the option `cache.semantic`. */
  question?: string
  /** What they took then. Nothing was taken now. */
  usage?: Usage
}

/** A figure of the answer that was worked out again from the passages. Spans are in the answer's text. */
export interface RecomputedFigure {
  start: number
  end: number
  /** As it stands there. */
  said: string
  /** `agrees`, to the digits that are said; `differs`; `unchecked`: it claims to be worked out, and could not be. */
  outcome: 'agrees' | 'differs' | 'unchecked'
  /** What the passages give, written like `said`; absent when it is unchecked. */
  computed?: string
  /** The sum for a person: `112.3 − 100 = 12.3`. */
  sum?: string
  /** Of `unchecked`: one sentence. */
  reason?: string
}

/** Why an answer is less than it could be. */
export interface Degradation {
  /** `model-missing` is not a fault: none is configured. */
  reason:
    | 'model-missing'
    | 'model-failed'
    | 'model-slow'
    | 'embedder-failed'
    | 'reranker-failed'
    | 'out-of-time'
    | 'tools-cut'
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
  /** Where a generated one comes from when no model was asked; its checks and citations are of now. */
  cached?: CachedWords
  confidence: Confidence
  /** Figures that were worked out again, when there are any. */
  figures?: RecomputedFigure[]
  /** The factory's tools that it called, in order, when there are any. */
  toolRuns?: { id: string; name: string; ok: boolean; ms: number }[]
  /** Calls of the caller's own tools, with which the answer waits for the caller. */
  toolCalls?: AskedCall[]
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
  | {
      type: 'sentence-checked'
      start: number
      end: number
      supported: boolean
      problems: string[]
      figures?: RecomputedFigure[]
    }
  /** The model asked for a tool of the factory. `id` is unique in the answer. */
  | { type: 'tool-call'; id: string; name: string; arguments: { readonly [key: string]: Plain } | string }
  /** The call waits for a person; the other calls go on. */
  | { type: 'tool-approval'; id: string; approval: ToolApproval }
  | { type: 'tool-progress'; id: string; done: number | string }
  /** `value` is what the model is given, cut to a few thousand characters. */
  | {
      type: 'tool-result'
      id: string
      name: string
      ok: boolean
      value?: Plain
      error?: { kind: string; message: string }
      place?: 'inline' | 'thread' | 'process'
      ms: number
    }
  | { type: 'answer-degraded'; degradation: Degradation }
  | { type: 'usage'; usage: Usage }
  /** Questions that the documents could answer next, at most three; absent when none suggests itself. */
  | { type: 'suggestions'; questions: string[] }
  | AnswerEnd

export type Metadata = Record<string, Plain>
