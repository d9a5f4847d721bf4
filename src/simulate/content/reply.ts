// What a simulated model says: parts of an answer, and the request as far as answering needs to know it.

import type { Plain } from '../../core/plain.ts'

/** A JSON Schema of any draft, as it came. */
export type JsonSchema = { readonly [keyword: string]: Plain }

/** A part of an answer. Arguments of a call are JSON text. */
export type ReplyPart =
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool-call'; readonly name: string; readonly arguments: string }

export interface AskedMessage {
  readonly role: string
  readonly content: string
}

export interface AskedTool {
  readonly name: string
  readonly description?: string | undefined
  /** JSON Schema of its arguments. */
  readonly parameters: JsonSchema
}

/** A request, read. */
export interface Asked {
  /** The whole prompt as the model sees it, after its chat template. */
  readonly prompt: string
  /** One message of a user for a plain completion. */
  readonly messages: readonly AskedMessage[]
  readonly tools: readonly AskedTool[]
  /** Whether tools may be called, must be, or which one must. */
  readonly toolChoice: 'none' | 'auto' | 'required' | { readonly name: string }
  /** What form the answer must have. */
  readonly form:
    | { readonly type: 'text' }
    | { readonly type: 'json' }
    /** `of` names the field that the schema stands in. */
    | { readonly type: 'schema'; readonly of: string; readonly schema: JsonSchema }
    | { readonly type: 'choice'; readonly choices: readonly string[] }
    | { readonly type: 'regex'; readonly pattern: string }
  /** Whether the model thinks first, in its own words. */
  readonly reasoning: boolean
  readonly maxTokens: number | undefined
  readonly minTokens: number
  /** Goes on until `maxTokens`, whatever it has to say. */
  readonly ignoreEos: boolean
  readonly stop: readonly string[]
}

/** The text of the last user's message. */
export function lastAsked(asked: Asked): string {
  return asked.messages.findLast(({ role }) => role === 'user')?.content ?? ''
}

/** Whether a text is in Chinese, for the words of an answer. */
export function isChinese(text: string): boolean {
  return /\p{Script=Han}/u.test(text)
}
