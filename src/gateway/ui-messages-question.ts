// From what the AI SDK's chat sends to a question. The conversation is Andon's: of the messages the last one asks, and
// which answer is made anew is told by the ids of those before it, because an answer's message has the answer's id.

import { AndonError } from '../core/errors.ts'
import type { Caller, Sessions } from '../core/factory.ts'
import type { Question, Turn } from '../core/question.ts'
import { filterOf } from './ask-question.ts'
import { checked, questionText } from './schemas.ts'
import type { UiMessagesBody } from './ui-messages-schema.ts'

/** The session of a chat. */
export function sessionOf(chat: string): string {
  return `ui_${chat}`
}

/** The question of a request. Throws `invalid` when the last message is not the user's. */
export async function uiQuestion(
  body: UiMessagesBody,
  sessions: Pick<Sessions, 'session'>,
  caller: Caller,
): Promise<Question & { sessionId: string }> {
  const last = body.messages.at(-1)
  if (last?.role !== 'user')
    throw new AndonError(
      'invalid',
      `The last message has the role ${last?.role ?? 'none'}. It must be the user's question.`,
    )
  const text = last.parts.flatMap((part) => (part.type === 'text' ? [part.text ?? ''] : [])).join('\n')
  checked(questionText, text, 'The last message')
  const sessionId = sessionOf(body.id)
  const retryOf = isAnew(body) ? replacedBy(body, await turnsOf(sessionId, sessions, caller)) : undefined
  const { filter, passages, budget_ms: budgetMs, mode, resumable } = body
  return {
    text,
    sessionId,
    ...(retryOf === undefined ? {} : { retryOf }),
    ...(filter === undefined ? {} : { filter: filterOf(filter) }),
    ...(passages === undefined ? {} : { passages }),
    ...(budgetMs === undefined ? {} : { budgetMs }),
    ...(mode === undefined ? {} : { mode }),
    ...(resumable === true ? { resumable } : {}),
  }
}

/** A message that was changed comes with its id, as one that is made anew does. */
function isAnew({ trigger, messageId }: UiMessagesBody): boolean {
  return trigger === 'regenerate-message' || typeof messageId === 'string'
}

/** The answer that stands where the new one will: the first behind the last that the page still shows. */
function replacedBy({ messages }: UiMessagesBody, turns: readonly Turn[]): string | undefined {
  const shown = new Set(messages.flatMap(({ id, role }) => (role === 'assistant' && id !== undefined ? [id] : [])))
  const before = turns.findLastIndex((turn) => turn.answerId !== undefined && shown.has(turn.answerId))
  return turns.slice(before + 1).find((turn) => turn.role === 'assistant' && turn.versionOf === undefined)?.answerId
}

async function turnsOf(id: string, sessions: Pick<Sessions, 'session'>, caller: Caller): Promise<readonly Turn[]> {
  try {
    return (await sessions.session(id, caller)).turns
  } catch (reason) {
    const error = AndonError.from(reason)
    if (error.code !== 'not-found') throw error
    // The first answer was stopped, or the conversation was removed.
    return []
  }
}
