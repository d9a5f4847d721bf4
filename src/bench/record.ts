// One request as the load generator saw it: when it was due, sent, answered and ended. All other measures follow.

import type { Span } from '../core/answer-record.ts'

/** How a request ended. `cancelled` was wanted by the workload; `incomplete` was cut by the end of the run. */
export type Outcome = 'ok' | 'failed' | 'cancelled' | 'incomplete'

/** All times are milliseconds from the start of its phase. */
export interface RequestRecord {
  /** Place in the plan of its phase, from 0. The same index is the same work for every target. */
  index: number
  /** When the plan wanted it to be sent. In a closed loop the moment its slot became free. */
  scheduledMs: number
  /** When it was handed to the connection. */
  sentMs: number
  /** When status and headers had come. */
  headersMs?: number
  /** When the first content, reasoning or tool call came: an event with a role alone does not count. */
  firstTokenMs?: number
  /** When the last content came. */
  lastTokenMs?: number
  /** When the answer had ended, or failed. */
  endMs: number
  outcome: Outcome
  status?: number
  /** One sentence, without secrets. Only when it failed. */
  error?: string
  /** Between consecutive events with content, in milliseconds. One event may hold several tokens. */
  gapsMs: number[]
  promptTokens?: number
  /** Of these, served from the server's prefix cache. */
  cachedTokens?: number
  outputTokens: number
  /** Where the token counts come from: the server's usage, or an estimate of four characters a token. */
  tokensFrom: 'usage' | 'estimated'
  finishReason?: string
  /** Of an Andon answer: its stages as the stream told them, and where the time went as its record says. */
  stages?: { stage: string; ms: number }[]
  spans?: Span[]
  answerId?: string
  /** The answer said of itself that it is simulated. */
  simulated?: boolean
}
