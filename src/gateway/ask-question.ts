// The question in the body of POST /v1/ask, and in a message of a WebSocket, as the factory is asked it.

import type { z } from 'zod'
import { AndonError } from '../core/errors.ts'
import type { ClientTool, Filter, Question, Turn } from '../core/question.ts'
import type { askSchema, filterSchema, toolFields } from './schemas.ts'

/** The question that a checked body asks. Throws `invalid` when it brings results of tools to no conversation. */
export function questionOf(body: z.output<typeof askSchema>): Question {
  const { question, session_id, filter, passages, budget_ms, mode, resumable, retry_of, cache, tool_results } = body
  if (tool_results && session_id === undefined)
    throw new AndonError('invalid', 'tool_results belong to the last answer of a conversation: give its session_id.')
  return {
    text: question,
    ...(session_id === undefined ? {} : { sessionId: session_id }),
    ...(filter === undefined ? {} : { filter: filterOf(filter) }),
    ...(passages === undefined ? {} : { passages }),
    ...(budget_ms === undefined ? {} : { budgetMs: budget_ms }),
    ...(mode === undefined ? {} : { mode }),
    ...(resumable === undefined ? {} : { resumable }),
    ...(retry_of === undefined ? {} : { retryOf: retry_of }),
    ...(cache === undefined ? {} : { cache }),
    ...toolsOf(body),
    ...(tool_results === undefined ? {} : { history: tool_results.map(resultTurn) }),
  }
}

/** What a checked body says of tools. */
export function toolsOf({
  tools,
  client_tools,
  tool_choice,
  parallel_tool_calls,
}: Pick<z.output<typeof askSchema>, keyof typeof toolFields>): Pick<
  Question,
  'tools' | 'clientTools' | 'toolChoice' | 'parallelCalls'
> {
  return {
    ...(tools === undefined ? {} : { tools }),
    ...(client_tools === undefined ? {} : { clientTools: client_tools.map(clientToolOf) }),
    ...(tool_choice === undefined ? {} : { toolChoice: tool_choice }),
    ...(parallel_tool_calls === undefined ? {} : { parallelCalls: parallel_tool_calls }),
  }
}

/** A tool of the caller, from whatever may leave fields out. */
export function clientToolOf({
  name,
  description,
  parameters,
}: {
  name: string
  description?: string | null | undefined
  parameters?: ClientTool['parameters'] | null | undefined
}): ClientTool {
  return {
    name,
    ...(typeof description === 'string' ? { description } : {}),
    ...(parameters ? { parameters } : {}),
  }
}

/** What came of a call, as a turn. */
export function resultTurn({ call_id: callId, content: text }: { call_id: string; content: string }): Turn {
  return { role: 'tool', text, callId, at: 0 }
}

/** The filter that a checked body gives. */
export function filterOf({ collections, documents, metadata }: z.output<typeof filterSchema>): Filter {
  return {
    ...(collections === undefined ? {} : { collections }),
    ...(documents === undefined ? {} : { documents }),
    ...(metadata === undefined ? {} : { metadata }),
  }
}
