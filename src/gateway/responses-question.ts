// From a request for a response to a question: which message asks, and which conversation it belongs to.

import { AndonError } from '../core/errors.ts'
import type { Caller, Factory } from '../core/factory.ts'
import type { Question } from '../core/question.ts'
import { documentsOf, historyOf, type Said } from './chat-question.ts'
import type { ResponsesBody } from './responses-schema.ts'
import { checked, questionText } from './schemas.ts'

/** What the id of a response begins with; the id of its answer follows. */
export const responsePrefix = 'resp_'

/** The id of the answer that a response is. Throws `not-found` for what is no id of a response. */
export function answerIdOf(responseId: string): string {
  if (!responseId.startsWith(responsePrefix) || responseId.length === responsePrefix.length)
    throw new AndonError(
      'not-found',
      `There is no response ${responseId}. Ids of responses begin with ${responsePrefix}.`,
    )
  return responseId.slice(responsePrefix.length)
}

/**
 * The question of a request. The conversation is kept by Andon unless `store` is false or the input brings its own.
 * Throws `not-found` for a previous response that is not known, or was not stored.
 */
export async function responsesQuestion(
  body: ResponsesBody,
  factory: Pick<Factory, 'record' | 'session'>,
  caller: Caller,
): Promise<Question> {
  const { said, text } = inputOf(body.input)
  const asked = { text, ...documentsOf(body.model), ...(body.background === true ? { resumable: true } : {}) }
  const { previous_response_id: previous, store } = body
  const named = body.metadata?.session_id
  if (typeof previous === 'string') {
    if (said.length > 0)
      throw new AndonError(
        'invalid',
        'With previous_response_id the input is the new message only: Andon has those before it.',
      )
    if (named !== undefined)
      throw new AndonError(
        'invalid',
        'previous_response_id and metadata.session_id both name a conversation: send one.',
      )
    const { sessionId, answerId } = await conversationOf(previous, factory, caller)
    if (store !== false) return { ...asked, sessionId }
    return { ...asked, ...(await historyUntil(answerId, sessionId, factory, caller)) }
  }
  if (named !== undefined) return { ...asked, sessionId: named }
  if (store === false || said.length > 0) return { ...asked, ...historyOf(said) }
  return { ...asked, sessionId: `${responsePrefix}${crypto.randomUUID()}` }
}

function inputOf(input: ResponsesBody['input']): { said: Said[]; text: string } {
  const messages = typeof input === 'string' ? [{ role: 'user' as const, content: input }] : input
  const said = messages.flatMap(({ role, content }): Said[] =>
    role === 'user' || role === 'assistant' ? [{ role, text: textOf(content) }] : [],
  )
  const role = messages.at(-1)?.role
  const last = said.at(-1)
  if (role !== 'user' || last === undefined)
    throw new AndonError(
      'invalid',
      `The last message of input has the role ${role ?? 'none'}. It must be the user's question.`,
    )
  checked(questionText, last.text, typeof input === 'string' ? 'input' : 'The last message of input')
  return { said: said.slice(0, -1), text: last.text }
}

function textOf(content: Exclude<ResponsesBody['input'], string>[number]['content']): string {
  return typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('\n')
}

async function conversationOf(
  responseId: string,
  factory: Pick<Factory, 'record'>,
  caller: Caller,
): Promise<{ sessionId: string; answerId: string }> {
  const detail = { code: 'previous_response_not_found', param: 'previous_response_id' }
  try {
    const answerId = answerIdOf(responseId)
    const { sessionId } = await factory.record(answerId, caller)
    if (sessionId !== undefined) return { sessionId, answerId }
  } catch (reason) {
    const error = AndonError.from(reason)
    if (error.code !== 'not-found') throw error
    throw new AndonError(
      'not-found',
      `There is no response ${responseId}, or its record is no longer kept. Send the conversation as input.`,
      { detail, cause: reason },
    )
  }
  throw new AndonError(
    'not-found',
    `The response ${responseId} was not stored: it had store false, or brought its own conversation. Send the conversation as input.`,
    { detail },
  )
}

/** What was said up to an answer, for a question that leaves no trace in the session. */
async function historyUntil(
  answerId: string,
  sessionId: string,
  factory: Pick<Factory, 'session'>,
  caller: Caller,
): Promise<Pick<Question, 'history'>> {
  const { turns } = await factory.session(sessionId, caller)
  const last = turns.findLastIndex((turn) => turn.answerId === answerId)
  const history = last === -1 ? turns : turns.slice(0, last + 1)
  return history.length === 0 ? {} : { history }
}
