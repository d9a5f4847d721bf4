// An answer that was stopped stays in its conversation with what was said until then, so that nobody's words vanish and
// a follow-up knows what was read.

import type { AnswerEvent, Question } from '../core/question.ts'
import type { SessionStore } from '../stores/store.ts'
import { askedTurns, readConversation, rememberTurn, type ConversationLimits } from './conversation.ts'

/** An answer that was stopped. */
export interface StoppedAnswer {
  readonly id: string
  readonly log: { readonly events: readonly AnswerEvent[] }
  /** Whether its conversation has been erased by now. */
  readonly erased: boolean
}

/** Appends the question and the words that came before the stop; nothing when none had come, or without a session. */
export async function rememberStopped(
  sessions: SessionStore,
  tenant: string,
  question: Question,
  answer: StoppedAnswer,
  limits: ConversationLimits,
): Promise<void> {
  let text = ''
  const cited: string[] = []
  for (const event of answer.log.events) {
    if (event.type === 'text-delta') text += event.text
    if (event.type === 'citation') cited.push(event.citation.passageId)
  }
  if (question.sessionId === undefined || text.trim() === '') return
  const conversation = await readConversation(sessions, tenant, question, limits)
  if (answer.erased) return
  const at = Date.now()
  await rememberTurn(sessions, tenant, conversation, [
    ...askedTurns(question, conversation, { role: 'user', text: question.text, at, answerId: answer.id }),
    { role: 'assistant', text, at, answerId: answer.id, ...(cited.length > 0 ? { cited } : {}) },
  ])
}
