// An answer that goes on when its reader leaves: it is begun without the reader's signal, and keeps the request's place in
// its lane until its own end.

import type { Caller } from '../core/factory.ts'
import type { Question } from '../core/question.ts'
import { beginAnswer } from './begun-answer.ts'
import type { Door, Permit } from './door.ts'

/** Behind every event: only the end of the answer is waited for. */
const behindAll = Number.MAX_SAFE_INTEGER

export interface LastingAnswer {
  id: string
  /** Resolves when the answer has ended and its place is free; never rejects. */
  ended: Promise<void>
}

/**
 * Begins an answer that lasts, also when its reader leaves meanwhile, and gives its place back when it ends. Read it with
 * `follow`. Throws what the question is refused with; its place is free then.
 */
export async function beginLasting(
  { factory }: Pick<Door, 'factory'>,
  question: Question,
  permit: Permit,
  caller: Caller,
): Promise<LastingAnswer> {
  const { signal: _, ...alone } = caller
  using places = new DisposableStack()
  places.use(permit)
  const { id, events } = await beginAnswer(factory, question, alone)
  const place = places.move()
  // It is followed from here on, so that nothing of it is left waiting for this reader.
  await events[Symbol.asyncIterator]().return?.()
  return { id, ended: keepPlace(factory, place, id, alone) }
}

async function keepPlace(factory: Door['factory'], place: Permit, answerId: string, alone: Caller): Promise<void> {
  using _place = place
  try {
    for await (const _event of factory.follow(answerId, { after: behindAll }, alone));
  } catch {
    // It has ended, and badly: that is not this reader's to tell.
  }
}
