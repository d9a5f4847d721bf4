// The desk for questions: what is asked becomes an order, and what is found or said goes back.

import { answer, type AnswerParts } from '../answer.ts'
import { findPassages } from '../answering/find.ts'
import { AndonError } from '../core/errors.ts'
import type { Answering } from '../core/factory.ts'
import type { Question } from '../core/question.ts'
import { mustBe } from '../requests.ts'
import type { Desk } from './desk.ts'

/** See {@link Answering}. */
export function answersDesk(desk: Desk, answering: AnswerParts): Answering {
  const { answers } = desk.options
  return {
    async *ask(asked, caller) {
      const question: Question = typeof asked === 'string' ? { text: asked } : asked
      mustBe.question(question)
      using call = desk.callFor(caller, question.budgetMs ?? answers.budgetMs)
      yield* answer(question, call, answering)
    },
    follow: () => {
      throw new AndonError('unsupported', 'Not built yet')
    },
    stop: async () => {
      throw new AndonError('unsupported', 'Not built yet')
    },
    record: async () => {
      throw new AndonError('unsupported', 'Not built yet')
    },
    async search(query, caller) {
      mustBe.search(query)
      using call = desk.callFor(caller, answers.budgetMs)
      return await findPassages(query, call, answering)
    },
    embed: async () => {
      throw new AndonError('unsupported', 'Not built yet')
    },
    rerank: async () => {
      throw new AndonError('unsupported', 'Not built yet')
    },
  }
}
