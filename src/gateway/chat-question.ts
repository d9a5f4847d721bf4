// From an OpenAI chat request to a question: the last user message asks, what stands before it is the history,
// and the model's name says which documents.

import { AndonError } from '../core/errors.ts'
import type { Question, Turn } from '../core/question.ts'
import { checked, questionText, type ChatBody } from './schemas.ts'

/** The model name that means all documents. A collection is `andon/<collection>`. */
export const modelName = 'andon'

/** Earlier messages that are kept: what a follow-up refers to stands near. */
const historyMessages = 40

/** The collection that a model name means, or undefined for all. Throws `not-found` for any other name. */
export function collectionOf(model: string): string | undefined {
  if (model === modelName) return undefined
  if (model.startsWith(`${modelName}/`) && model.length > modelName.length + 1) return model.slice(modelName.length + 1)
  throw noSuchModel(model)
}

/** The error for a model that is not there. */
export function noSuchModel(model: string): AndonError {
  return new AndonError(
    'not-found',
    `There is no model ${JSON.stringify(model)}. Use "${modelName}" for all documents or "${modelName}/<collection>"; GET /v1/models lists them.`,
    { detail: { model } },
  )
}

/**
 * The question of a chat request. System messages are not followed: how Andon answers is not for a message to say.
 * Throws `invalid` when the last message is not the user's.
 */
export function chatQuestion(body: ChatBody): Question {
  const collection = collectionOf(body.model)
  const said = body.messages.filter((message) => message.role === 'user' || message.role === 'assistant')
  const last = body.messages.at(-1)
  if (last === undefined || last.role !== 'user') {
    throw new AndonError(
      'invalid',
      `The last message has the role ${last?.role ?? 'none'}. It must be the user's question.`,
    )
  }
  const text = textOf(last)
  checked(questionText, text, 'The last message')
  const history = said
    .slice(0, -1)
    .slice(-historyMessages)
    .map((message): Turn => ({ role: message.role === 'user' ? 'user' : 'assistant', text: textOf(message), at: 0 }))
    .filter((turn) => turn.text !== '')
  return {
    text,
    ...(history.length === 0 ? {} : { history }),
    ...(collection === undefined ? {} : { filter: { collections: [collection] } }),
  }
}

function textOf(message: ChatBody['messages'][number]): string {
  const { content } = message
  if (typeof content === 'string') return content
  return (content ?? []).map((part) => part.text).join('\n')
}
