// An answer as the other protocols read it: begun here, so that a question that is refused gets a status of its own; or
// followed, when somebody else began it.

import { AndonError } from '../core/errors.ts'
import type { AnswerFailed } from '../core/answer-record.ts'
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

/** All events of an answer, from its first on. Leaving the loop leaves the answer alone. */
export async function* followAnswer(
  factory: Pick<Answering, 'follow'>,
  answerId: string,
  caller: Caller,
): AsyncGenerator<AnswerEvent | AnswerFailed> {
  for await (const { event } of factory.follow(answerId, {}, caller)) yield event
}
