// An answer may end with calls of its caller's own tools. When their results come, the same question is asked again:
// what was called and what came of it belong to the question, and not to what was said before it.

import type { Turn } from '../core/question.ts'

export interface OpenExchange {
  /** What was said before the question. */
  before: Turn[]
  /** The calls for the question and their results, in order. */
  open: Turn[]
}

/** Whether turns are results of calls, and nothing else. */
export function areResults(turns: readonly Turn[]): boolean {
  return turns.every(({ role }) => role === 'tool')
}

/**
 * Tells the two apart: a conversation that ends with results is open, when its last question is the one that is asked
 * (or when its beginning, with the question, is no longer there).
 */
export function openExchange(turns: readonly Turn[], asked: string): OpenExchange {
  const question = turns.findLastIndex(({ role }) => role === 'user')
  const same = question === -1 || turns[question]?.text === asked
  if (turns.at(-1)?.role !== 'tool' || !same) return { before: [...turns], open: [] }
  return { before: turns.slice(0, Math.max(0, question)), open: turns.slice(question + 1) }
}
