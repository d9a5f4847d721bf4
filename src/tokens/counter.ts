// What a token counter promises.

import type { Call } from '../core/station.ts'
import type { ChatMessage } from '../models/model.ts'

/** A text, or the messages of a conversation with what stands around them. */
export type Countable = string | readonly ChatMessage[]

export interface TokenCounter {
  /** How it counts, for people, such as `o200k`. */
  readonly name: string
  /** Whether it counts with a model's own vocabulary; false of an estimate. */
  readonly exact: boolean
  /** Tokens of the input, at least 0. Throws the call's reason when it is over. */
  count(input: Countable, call: Call): Promise<number>
}
