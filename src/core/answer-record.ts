// What is written down about one answer: its events with their numbers, and where its time went.

import type { AnswerEvent, Filter } from './question.ts'

/** The last event of an answer that did not come to its end. */
export interface AnswerFailed {
  type: 'answer-failed'
  error: { code: string; message: string; retryAfterMs?: number }
}

/** An event with its place in the answer, from 1 and without gaps: what a reader who lost the line asks to go on from. */
export interface NumberedEvent {
  number: number
  event: AnswerEvent | AnswerFailed
}

/** A piece of work that one station did for an answer. Times are milliseconds from the start of the answer. */
export interface Span {
  /** `understand`, `search`, `rerank`, `extract`, `embed`, `generate`, `verify`, … */
  station: string
  /** Which of several: the worker of a pool, the model's server. */
  place?: string
  /** The model that was asked first, where another one answered: that is the place. */
  degraded?: string
  startMs: number
  /** Before anybody worked on it: in a queue, or for a permit. */
  waitMs: number
  /** Until its end, without the waiting. */
  workMs: number
  outcome: 'ok' | 'failed' | 'cancelled'
  /** Of a model: which attempt, from 1. The time of one that failed is lost. */
  attempt?: number
  /** When the first text came. */
  firstTextMs?: number
  /** One sentence for a person: what came out, or why it failed. */
  note?: string
}

export type AnswerState = 'running' | 'done' | 'failed' | 'stopped' | 'interrupted'

/** One answer, as it can be looked at while it is made and afterwards. */
export interface AnswerRecord {
  id: string
  question: string
  sessionId?: string
  /** The answer that this one is another version of. */
  retryOf?: string
  filter?: Filter
  /** `interrupted`: the process ended first. */
  state: AnswerState
  /** Unix ms. */
  startedAt: number
  endedAt?: number
  /** Milliseconds from the start to the first text, and to the end. */
  firstTextMs?: number
  totalMs?: number
  error?: AnswerFailed['error']
  /** In order; text that came in pieces is one event here. */
  events: AnswerEvent[]
  /** How long each piece of text was, in order: with these the events are numbered as they were when they came. */
  pieces?: number[]
  spans: Span[]
}
