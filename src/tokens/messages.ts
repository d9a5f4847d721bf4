// Messages for counters that know only texts: their words, and what a chat template puts around each.

import type { ChatMessage } from '../models/model.ts'
import type { Countable } from './counter.ts'

/** Tokens around one message, and before the answer: ChatML's, which most templates are like. */
export const around = { message: 4, answer: 3 } as const

/** Everything of the input that a model reads as text. */
export function wordsOf(input: Countable): string {
  return typeof input === 'string' ? input : input.map(wordsIn).join('\n')
}

/** Tokens beside the words. */
export function tokensAround(input: Countable): number {
  return typeof input === 'string' ? 0 : input.length * around.message + around.answer
}

/** The words of one message, with the calls that it asks for. */
export function wordsIn(message: ChatMessage): string {
  if (message.role !== 'assistant' || !message.toolCalls?.length) return message.content
  return [message.content, ...message.toolCalls.map(({ name, arguments: text }) => `${name} ${text}`)].join('\n')
}
