// An answer that has begun: a question that is refused is refused before this, with a status of its own.

import { AndonError } from '../core/errors.ts'
import type { Answering, Caller } from '../core/factory.ts'
import type { AnswerEvent, Question } from '../core/question.ts'

export interface BegunAnswer {
  id: string
  /** What follows the start. Leaving the loop leaves the answer. */
  events: AsyncIterable<AnswerEvent>
}

/** Asks, and waits until the answer begins. Throws what the question is refused with. */
export async function beginAnswer(
  factory: Pick<Answering, 'ask'>,
  question: Question,
  caller: Caller,
): Promise<BegunAnswer> {
  const events = factory.ask(question, caller)[Symbol.asyncIterator]()
  const first = await events.next()
  if (first.done === true || first.value.type !== 'answer-start')
    throw new AndonError('internal', 'The answer did not begin with its start.')
  return { id: first.value.id, events: { [Symbol.asyncIterator]: () => events } }
}
