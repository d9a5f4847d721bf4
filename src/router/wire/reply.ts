// An answer whose first content has come, whoever made it: it is handed to the caller from its beginning to its end.

import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { AndonError } from '../../core/errors.ts'

/** Makes the headers of a reply; `length` in bytes when the whole of it is there. */
export type HeadOf = (contentType: string, length: number | undefined) => OutgoingHttpHeaders

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
