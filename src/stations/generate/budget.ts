// How many tokens each part of a prompt may take, so that prompt and answer fit the model together.

export interface GenerateBudgets {
  /** Tokens of prompt and answer that the model takes. Default: what the model says, else 8,192. */
  contextTokens?: number
  /** Tokens of the answer. Default 1,024, or a quarter of a small model's context. */
  answerTokens?: number
  /** Tokens of all passages. Default 4,000: more slow the first token down and seldom hold the answer. */
  passageTokens?: number
  /** Tokens of earlier turns. Default 800. */
  historyTokens?: number
  /** Tokens of all results of tools. Default 8,000 where there are tools, or a quarter of a small model's room. */
  toolTokens?: number
  /** Milliseconds until the first piece of the answer. Default: the model client's own. */
  firstTokenMs?: number
  /** Milliseconds for the whole answer. Default: what the call has left. */
  budgetMs?: number
}

/** What each part may take, in estimated tokens. */
export interface TokenPlan {
  answer: number
  passages: number
  /** Of what was said before the history, in short. */
  before: number
  history: number
  tools: number
}

/** Ollama's and many small models' windows are larger; whoever's is smaller says so. */
const assumedContext = 8_192
/** Part of the window that stays empty, because tokens are estimated. */
const reserve = 0.1

/**
 * Divides a model's window. `fixed` tokens (rules and question) come first, then the answer, then results of tools, then
 * passages, then history, with `beforeTokens` of what was said before it. Passages give way before the answer does, and
 * history before passages; no part is below zero.
 */
export function planTokens(
  budgets: GenerateBudgets & { beforeTokens?: number },
  fixed: number,
  modelContext: number | undefined,
): TokenPlan {
  const context = budgets.contextTokens ?? modelContext ?? assumedContext
  const answer = Math.floor(Math.min(budgets.answerTokens ?? 1_024, context / 4))
  const room = Math.max(0, Math.floor(context * (1 - reserve)) - fixed - answer)
  const { passageTokens = 4_000, toolTokens = 0 } = budgets
  const beforeTokens = budgets.historyTokens === 0 ? 0 : (budgets.beforeTokens ?? 0)
  const historyTokens = (budgets.historyTokens ?? 800) + beforeTokens
  const tools = Math.floor(Math.min(toolTokens, Math.max(room / 4, room - passageTokens - historyTokens)))
  const left = room - tools
  // Passages leave a little to history where tools took what it would have had.
  const kept = tools === 0 ? 0 : Math.min(historyTokens, Math.floor(left * 0.15))
  const passages = Math.min(passageTokens, left - kept)
  const both = Math.min(historyTokens, left - passages)
  // Where there is little room, the latest turns have half of it.
  const before = Math.min(beforeTokens, Math.floor(both / 2))
  return { answer, passages, before, history: both - before, tools }
}
