// The question in the body of POST /v1/ask, and in a message of a WebSocket, as the factory is asked it.

import type { z } from 'zod'
import type { Filter, Question } from '../core/question.ts'
import type { askSchema, filterSchema } from './schemas.ts'

/** The question that a checked body asks. */
export function questionOf(body: z.output<typeof askSchema>): Question {
  const { question, session_id, filter, passages, budget_ms, mode, resumable, retry_of } = body
  return {
    text: question,
    ...(session_id === undefined ? {} : { sessionId: session_id }),
    ...(filter === undefined ? {} : { filter: filterOf(filter) }),
    ...(passages === undefined ? {} : { passages }),
    ...(budget_ms === undefined ? {} : { budgetMs: budget_ms }),
    ...(mode === undefined ? {} : { mode }),
    ...(resumable === undefined ? {} : { resumable }),
    ...(retry_of === undefined ? {} : { retryOf: retry_of }),
  }
}

/** The filter that a checked body gives. */
export function filterOf({ collections, documents, metadata }: z.output<typeof filterSchema>): Filter {
  return {
    ...(collections === undefined ? {} : { collections }),
    ...(documents === undefined ? {} : { documents }),
    ...(metadata === undefined ? {} : { metadata }),
  }
}
