// The events of an answer as server-sent events: each with its id, `<answer id>.<number>`, which a reader that lost the
// line gives back to go on from there.

import { AndonError } from '../core/errors.ts'
import type { NumberedEvent } from '../core/answer-record.ts'
import type { AnswerEvent } from '../core/question.ts'
import { problemOf, toShow } from './errors.ts'
import { eventLine } from './event-stream.ts'

/** The lines of an answer's events as they come. What is thrown is the last line: `error`, with its problem. */
export async function* answerLines(
  answerId: string,
  events: AsyncIterable<NumberedEvent>,
  requestId: string,
): AsyncGenerator<string> {
  try {
    for await (const { number, event } of events)
      yield eventLine(JSON.stringify(event), event.type, `${answerId}.${number}`)
  } catch (reason) {
    yield eventLine(JSON.stringify(problemOf(toShow(reason, requestId), requestId)), 'error')
  }
}

/** The events of an answer that is asked for here, numbered; `first` has come already. Leaving the loop leaves the answer. */
export async function* numbered(
  first: IteratorResult<AnswerEvent>,
  events: AsyncIterator<AnswerEvent>,
): AsyncGenerator<NumberedEvent> {
  let number = 0
  let ended = false
  try {
    for (let step = first; step.done !== true; step = await events.next()) yield { number: ++number, event: step.value }
    ended = true
  } finally {
    if (!ended) await events.return?.()
  }
}

/** The number to go on behind: of the header Last-Event-ID, else what `after` says. Throws `invalid` for an id of another answer. */
export function placeToGoOn(
  answerId: string,
  lastEventId: string | string[] | undefined,
  after: number | undefined,
): number {
  if (lastEventId === undefined || lastEventId.length === 0) return after ?? 0
  const id = typeof lastEventId === 'string' ? lastEventId : lastEventId.join()
  const number = id.startsWith(`${answerId}.`) ? id.slice(answerId.length + 1) : ''
  if (/^\d{1,15}$/.test(number)) return Number(number)
  throw new AndonError(
    'invalid',
    `Last-Event-ID is ${JSON.stringify(id.slice(0, 200))}: it must be the id of an event of the answer ${answerId}, like ${answerId}.7.`,
  )
}
