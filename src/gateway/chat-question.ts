// From an OpenAI chat request to a question: the last user message asks, what stands before it is the history, and the
// model's name says which documents. A request that ends with results of functions asks the same question again.

import { AndonError } from '../core/errors.ts'
import type { Question, Turn } from '../core/question.ts'
import { clientToolOf } from './ask-question.ts'
import type { ChatBody } from './chat-schema.ts'
import { collectionOf } from './models.ts'
import { checked, questionText } from './schemas.ts'

/** Earlier messages that are kept: what a follow-up refers to stands near. */
const historyMessages = 40

/** What was said, by a person or by Andon; or what came of a call. */
export type Said = Pick<Turn, 'role' | 'text' | 'toolCalls' | 'callId'>

/**
 * The question of a chat request. System messages are not followed: how Andon answers is not for a message to say.
 * With `metadata.session_id` the conversation is Andon's, and of the messages only the last counts.
 * Throws `invalid` when the last message is neither the user's nor a function's.
 */
export function chatQuestion(body: ChatBody): Question {
  const { text, before } = askedIn(body.messages.flatMap(saidIn), body.messages.at(-1)?.role)
  const { session_id: sessionId } = body.metadata ?? {}
  return {
    text,
    ...documentsOf(body.model),
    ...chatTools(body),
    ...(sessionId === undefined ? historyOf(before) : { sessionId, ...historyOf(resultsAtEnd(before)) }),
  }
}

/**
 * What is asked, and what was said before: of messages that end with results of calls, the question that these are for,
 * and all of them. `whole` is what the last message is called in messages about it.
 */
export function askedIn(
  said: readonly Said[],
  role: string | undefined,
  whole = 'The last message',
): { text: string; before: Said[] } {
  const question = said.findLast((each) => each.role === 'user')
  if (!question || (role !== 'user' && role !== 'tool'))
    throw new AndonError(
      'invalid',
      `${whole} has the role ${role ?? 'none'}. It must be the user's question, or what came of a call for one.`,
    )
  checked(questionText, question.text, whole)
  return { text: question.text, before: role === 'tool' ? [...said] : said.slice(0, -1) }
}

/** The results that a conversation ends with. */
export function resultsAtEnd(said: readonly Said[]): Said[] {
  return said.slice(said.findLastIndex(({ role }) => role !== 'tool') + 1)
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
    .map((each): Turn => ({ ...each, at: 0 }))
    .filter(({ role, text, toolCalls = [] }) => text !== '' || role === 'tool' || toolCalls.length > 0)
  return history.length === 0 ? {} : { history }
}

function saidIn(message: ChatBody['messages'][number]): Said[] {
  const { role, tool_calls: calls, tool_call_id: callId } = message
  const text = textOf(message)
  if (role === 'user') return [{ role, text }]
  if (role === 'tool') {
    if (typeof callId === 'string' && callId !== '') return [{ role, text, callId }]
    throw new AndonError('invalid', 'A message of the role tool has no tool_call_id: say which call it came of.')
  }
  if (role !== 'assistant') return []
  const toolCalls = (calls ?? []).flatMap(({ id, function: asked }) =>
    asked ? [{ id, name: asked.name, arguments: asked.arguments }] : [],
  )
  return [{ role, text, ...(toolCalls.length === 0 ? {} : { toolCalls }) }]
}

/**
 * The functions of a request. Where one of them must be called, Andon's own tools are not offered: who asks waits for a
 * call of theirs.
 */
function chatTools({
  tools,
  tool_choice: choice,
  parallel_tool_calls: parallel,
}: ChatBody): Pick<Question, 'tools' | 'clientTools' | 'toolChoice' | 'parallelCalls'> {
  const clientTools = (tools ?? []).flatMap(({ function: asked }) => (asked ? [clientToolOf(asked)] : []))
  const toolChoice = typeof choice === 'object' ? nameOf(choice) : choice
  return {
    ...(clientTools.length === 0 ? {} : { clientTools }),
    ...choiceOf(toolChoice, clientTools.length > 0),
    ...(parallel === false ? { parallelCalls: false } : {}),
  }
}

/** A choice, as a question has it. One that must be of the caller's tools leaves Andon's own out. */
export function choiceOf(
  toolChoice: Question['toolChoice'] | null,
  anyOwn: boolean,
): Pick<Question, 'tools' | 'toolChoice'> {
  if (toolChoice === undefined || toolChoice === null || toolChoice === 'auto') return {}
  return { toolChoice, ...(toolChoice !== 'none' && anyOwn ? { tools: false } : {}) }
}

function nameOf(choice: Extract<ChatBody['tool_choice'], object> | null): { name: string } | undefined {
  return choice?.function === undefined ? undefined : { name: choice.function.name }
}

function textOf({ content }: ChatBody['messages'][number]): string {
  if (typeof content === 'string') return content
  return (content ?? []).map((part) => part.text).join('\n')
}
