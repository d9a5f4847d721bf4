// What a path of OpenAI's API is to a ChatModel: how a request there is read, and how what the model says is written.

import type { AndonError } from '../../core/errors.ts'
import type { ChatEvent, ChatRequest } from '../../models/model.ts'
import type { AskedBody } from './asked-body.ts'
import type { Said } from './said.ts'

/** Writes one answer. */
export interface Scribe {
  /** The frames before the first event of a stream. */
  begin(): string
  /** The frames of an event; none when the dialect has no word for it. */
  frames(event: ChatEvent): string
  /** The frames behind the last event. */
  end(said: Said): string
  /** The frames instead of an end: it broke off, and `code` says how. */
  broken(error: AndonError, code: string, said: Said): string
  /** An answer that is there whole, as the body of a reply. */
  whole(said: Said): object
}

/** Of which answer is written. */
export interface Answered {
  /** The call's. */
  readonly id: string
  /** As its caller is told. */
  readonly model: string
  readonly body: AskedBody
}

export interface Dialect {
  /** Throws `invalid` for what a ChatModel has no word for; `who` begins the sentence: `The endpoint "a"`. */
  request(body: AskedBody, who: string): ChatRequest
  scribe(answered: Answered): Scribe
}
