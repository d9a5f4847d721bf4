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
  /** Milliseconds until the first piece of the answer. Default: the model client's own. */
  firstTokenMs?: number
  /** Milliseconds for the whole answer. Default: what the call has left. */
  budgetMs?: number
}

/** What each part may take, in estimated tokens. */
export interface TokenPlan {
  answer: number
  passages: number
  history: number
}

/** Ollama's and many small models' windows are larger; whoever's is smaller says so. */
const assumedContext = 8_192
/** Part of the window that stays empty, because tokens are estimated. */
const reserve = 0.1

/**
 * Divides a model's window. `fixed` tokens (rules and question) come first, then the answer, then passages, then
 * history. Passages give way before the answer does, and history before passages; no part is below zero.
 */
export function planTokens(budgets: GenerateBudgets, fixed: number, modelContext: number | undefined): TokenPlan {
  const context = budgets.contextTokens ?? modelContext ?? assumedContext
  const answer = Math.floor(Math.min(budgets.answerTokens ?? 1_024, context / 4))
  const left = Math.max(0, Math.floor(context * (1 - reserve)) - fixed - answer)
  const passages = Math.min(budgets.passageTokens ?? 4_000, left)
  const history = Math.min(budgets.historyTokens ?? 800, left - passages)
  return { answer, passages, history }
}
