// From a request for a response to a question: which message asks, and which conversation it belongs to.

import { AndonError } from '../core/errors.ts'
import type { Caller, Factory } from '../core/factory.ts'
import type { AskedCall, Question, Turn } from '../core/question.ts'
import { clientToolOf } from './ask-question.ts'
import { askedIn, choiceOf, documentsOf, historyOf, resultsAtEnd, type Said } from './chat-question.ts'
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
  const { previous_response_id: previous, store } = body
  const said = saidIn(body.input)
  const goesOn = typeof previous === 'string' && said.length > 0 && said.every(({ role }) => role === 'tool')
  const { text, before } = goesOn ? { text: '', before: said } : askedIn(said, roleOf(body.input), whole(body.input))
  const asked = {
    text,
    ...documentsOf(body.model),
    ...responsesTools(body),
    ...(body.background === true ? { resumable: true } : {}),
  }
  const named = body.metadata?.session_id
  if (typeof previous === 'string') {
    if (before.some(({ role }) => role !== 'tool'))
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
    const results = historyOf(before)
    if (store !== false && !goesOn) return { ...asked, sessionId, ...results }
    const turns = await turnsUntil(answerId, sessionId, factory, caller)
    const question = goesOn ? (turns.findLast(({ role }) => role === 'user')?.text ?? '') : text
    checked(questionText, question, 'The question before the outputs')
    if (store !== false) return { ...asked, text: question, sessionId, ...results }
    const history = [...turns, ...(results.history ?? [])]
    return { ...asked, text: question, ...(history.length === 0 ? {} : { history }) }
  }
  if (named !== undefined) return { ...asked, sessionId: named, ...historyOf(resultsAtEnd(before)) }
  if (store === false || before.length > 0) return { ...asked, ...historyOf(before) }
  return { ...asked, sessionId: `${responsePrefix}${crypto.randomUUID()}` }
}

function saidIn(input: ResponsesBody['input']): Said[] {
  if (typeof input === 'string') return [{ role: 'user', text: input }]
  const said: Said[] = []
  for (const item of input) {
    if (isOutput(item)) said.push({ role: 'tool', text: textOf(item.output), callId: item.call_id })
    else if (isCall(item)) addCall(said, { id: item.call_id, name: item.name, arguments: item.arguments })
    else if (item.role === 'user' || item.role === 'assistant')
      said.push({ role: item.role, text: textOf(item.content) })
  }
  return said
}

type Item = Exclude<ResponsesBody['input'], string>[number]

function isOutput(item: Item): item is Extract<Item, { type: 'function_call_output' }> {
  return item.type === 'function_call_output'
}

function isCall(item: Item): item is Extract<Item, { type: 'function_call' }> {
  return item.type === 'function_call'
}

/** Calls that follow one another, and the message before them, are one turn. */
function addCall(said: Said[], call: AskedCall): void {
  const last = said.at(-1)
  if (last?.role === 'assistant') said[said.length - 1] = { ...last, toolCalls: [...(last.toolCalls ?? []), call] }
  else said.push({ role: 'assistant', text: '', toolCalls: [call] })
}

function roleOf(input: ResponsesBody['input']): string | undefined {
  if (typeof input === 'string') return 'user'
  const last = input.at(-1)
  if (!last) return undefined
  if (isOutput(last)) return 'tool'
  return isCall(last) ? 'assistant' : last.role
}

function whole(input: ResponsesBody['input']): string {
  return typeof input === 'string' ? 'input' : 'The last message of input'
}

function responsesTools({
  tools,
  tool_choice: choice,
  parallel_tool_calls: parallel,
}: ResponsesBody): Pick<Question, 'tools' | 'clientTools' | 'toolChoice' | 'parallelCalls'> {
  const clientTools = (tools ?? []).flatMap(({ type, name, ...more }) =>
    type === 'function' && name !== undefined ? [clientToolOf({ name, ...more })] : [],
  )
  const named = typeof choice === 'object' && choice?.name !== undefined ? { name: choice.name } : undefined
  return {
    ...(clientTools.length === 0 ? {} : { clientTools }),
    ...choiceOf(typeof choice === 'string' ? choice : named, clientTools.length > 0),
    ...(parallel === false ? { parallelCalls: false } : {}),
  }
}

function textOf(content: string | readonly { text?: string | undefined }[]): string {
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

/** What was said up to an answer. */
async function turnsUntil(
  answerId: string,
  sessionId: string,
  factory: Pick<Factory, 'session'>,
  caller: Caller,
): Promise<Turn[]> {
  const { turns } = await factory.session(sessionId, caller)
  const last = turns.findLastIndex((turn) => turn.answerId === answerId)
  return last === -1 ? turns : turns.slice(0, last + 1)
}
