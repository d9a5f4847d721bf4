// An answer whose first content has come, whoever made it: it is handed to the caller from its beginning to its end.

import type { ServerResponse } from 'node:http'
import type { AndonError } from '../../core/errors.ts'
import type { Usage } from '../../core/question.ts'
import type { Attempt } from '../order.ts'

/** Makes the headers of a reply, names and values by turns; `length` in bytes when the whole of it is there. */
export type HeadOf = (contentType: string, length: number | undefined) => string[]

/** Who answers, once that is known. */
export interface Answering {
  /** Undefined when a model in this process answers as the last resort. */
  readonly endpoint: string | undefined
  /** The name under which it was asked for. */
  readonly model: string
  /** The model that was asked for, when this is another. */
  readonly degraded: string | undefined
  /** In the order in which they were made, those of other models of the chain among them. */
  readonly attempts: readonly Attempt[]
  /** Milliseconds in the queue. */
  readonly waitedMs: number
}

/** What an answer came to. */
export interface Tally {
  promptTokens: number
  outputTokens: number
  cachedTokens?: number
  /** Whether they were counted here, roughly. */
  estimated: boolean
  /** What broke it off. */
  error?: AndonError
}

export interface Reply {
  /** Resolves when nothing more will come, and never rejects. The lease has ended then. */
  send(response: ServerResponse, headOf: HeadOf): Promise<Tally>
}

/** What an answer used, as its server said or as it was counted. */
export function tallyOf(usage: Usage): Tally
export function tallyOf(usage: Usage | undefined): Tally | undefined
export function tallyOf(usage: Usage | undefined): Tally | undefined {
  if (usage === undefined) return undefined
  const { promptTokens, completionTokens, cachedTokens, estimated } = usage
  const tally: Tally = { promptTokens, outputTokens: completionTokens, estimated }
  if (cachedTokens !== undefined) tally.cachedTokens = cachedTokens
  return tally
}
