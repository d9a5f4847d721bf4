// From what the AI SDK's chat sends to a question. The conversation is Andon's: of the messages the last one asks, and
// which answer is made anew is told by the ids of those before it, because an answer's message has the answer's id.

import { AndonError } from '../core/errors.ts'
import type { Caller, Sessions } from '../core/factory.ts'
import type { Question, Turn } from '../core/question.ts'
import { filterOf, toolsOf } from './ask-question.ts'
import { checked, questionText } from './schemas.ts'
import type { UiMessagesBody } from './ui-messages-schema.ts'

/** The session of a chat. */
export function sessionOf(chat: string): string {
  return `ui_${chat}`
}

/**
 * The question of a request: the last message's, when it is the user's. The last answer brings what came of calls of the
 * page's own tools; then it is the question before it. Throws `invalid` when there is neither.
 */
export async function uiQuestion(
  body: UiMessagesBody,
  sessions: Pick<Sessions, 'session'>,
  caller: Caller,
): Promise<Question & { sessionId: string }> {
  const last = body.messages.at(-1)
  const history = last?.role === 'assistant' ? resultsIn(last.parts) : []
  const asking = history.length > 0 ? body.messages.findLast(({ role }) => role === 'user') : last
  if (asking?.role !== 'user')
    throw new AndonError(
      'invalid',
      `The last message has the role ${last?.role ?? 'none'}. It must be the user's question, or have outputs of tools.`,
    )
  const text = asking.parts.flatMap((part) => (part.type === 'text' ? [part.text ?? ''] : [])).join('\n')
  checked(questionText, text, 'The last message')
  const sessionId = sessionOf(body.id)
  const retryOf =
    history.length === 0 && isAnew(body) ? replacedBy(body, await turnsOf(sessionId, sessions, caller)) : undefined
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
    ...toolsOf(body),
    ...(history.length === 0 ? {} : { history }),
  }
}

/** What came of the calls of the last step: those before it have been told. */
function resultsIn(parts: UiMessagesBody['messages'][number]['parts']): Turn[] {
  const step = parts.slice(parts.findLastIndex(({ type }) => type === 'step-start') + 1)
  return step.flatMap(({ type, toolCallId: callId, state, output, errorText, providerExecuted }) => {
    const ended = state === 'output-available' || state === 'output-error'
    if (!/^(?:tool-|dynamic-tool$)/.test(type) || callId === undefined || !ended || providerExecuted) return []
    const said = state === 'output-error' ? `Error: ${errorText ?? 'it failed'}` : (output ?? null)
    return [{ role: 'tool', text: typeof said === 'string' ? said : JSON.stringify(said), callId, at: 0 }]
  })
}

/** A message that was changed comes with its id, as one that is made anew does. */
function isAnew({ trigger, messageId }: UiMessagesBody): boolean {
  return trigger === 'regenerate-message' || typeof messageId === 'string'
}

/** The answer that stands where the new one will: the first behind the last that the page still shows. */
function replacedBy({ messages }: UiMessagesBody, turns: readonly Turn[]): string | undefined {
  const shown = new Set(messages.flatMap(({ id, role }) => (role === 'assistant' && id !== undefined ? [id] : [])))
  const before = turns.findLastIndex((turn) => turn.answerId !== undefined && shown.has(turn.answerId))
  // What went on with results of tools stands in the message of the answer that had called them.
  const wentOn = new Set(turns.flatMap(({ role, answerId }) => (role === 'tool' ? answerId : [])))
  return turns
    .slice(before + 1)
    .find(({ role, versionOf, answerId }) => role === 'assistant' && versionOf === undefined && !wentOn.has(answerId))
    ?.answerId
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
