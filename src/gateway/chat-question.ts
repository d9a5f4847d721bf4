// From an OpenAI chat request to a question: the last user message asks, what stands before it is the history,
// and the model's name says which documents.

import { AndonError } from '../core/errors.ts'
import type { Question, Turn } from '../core/question.ts'
import type { ChatBody } from './chat-schema.ts'
import { collectionOf } from './models.ts'
import { checked, questionText } from './schemas.ts'

/** Earlier messages that are kept: what a follow-up refers to stands near. */
const historyMessages = 40

/** What was said, by a person or by Andon. */
export interface Said {
  role: 'user' | 'assistant'
  text: string
}

/**
 * The question of a chat request. System messages are not followed: how Andon answers is not for a message to say.
 * With `metadata.session_id` the conversation is Andon's, and of the messages only the last counts.
 * Throws `invalid` when the last message is not the user's.
 */
export function chatQuestion(body: ChatBody): Question {
  const said = body.messages.flatMap((message): Said[] =>
    message.role === 'user' || message.role === 'assistant' ? [{ role: message.role, text: textOf(message) }] : [],
  )
  const role = body.messages.at(-1)?.role
  const last = said.at(-1)
  if (role !== 'user' || last === undefined)
    throw new AndonError('invalid', `The last message has the role ${role ?? 'none'}. It must be the user's question.`)
  checked(questionText, last.text, 'The last message')
  const { session_id: sessionId } = body.metadata ?? {}
  return {
    text: last.text,
    ...documentsOf(body.model),
    ...(sessionId === undefined ? historyOf(said.slice(0, -1)) : { sessionId }),
  }
}

/** The filter that a model's name stands for. */
export function documentsOf(model: string): Pick<Question, 'filter'> {
  const collection = collectionOf(model)
  return collection === undefined ? {} : { filter: { collections: [collection] } }
}

/** What was said before, as far as a question can lean on it. */
export function historyOf(said: readonly Said[]): Pick<Question, 'history'> {
  const history = said
    .slice(-historyMessages)
    .map(({ role, text }): Turn => ({ role, text, at: 0 }))
    .filter((turn) => turn.text !== '')
  return history.length === 0 ? {} : { history }
}

function textOf({ content }: ChatBody['messages'][number]): string {
  if (typeof content === 'string') return content
  return (content ?? []).map((part) => part.text).join('\n')
}
