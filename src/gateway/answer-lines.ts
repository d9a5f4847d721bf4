// The events of an answer as server-sent events: each with its id, `<answer id>.<number>`, which a reader that lost the
// line gives back to go on from there.

import { AndonError } from '../core/errors.ts'
import type { NumberedEvent } from '../core/answer-record.ts'
import type { AnswerEvent } from '../core/question.ts'
import { problemOf, toShow } from './errors.ts'
import { eventLine } from './event-stream.ts'

/**
 * The lines of an answer's events as they come. What is thrown is the last line: `error`, with its problem. No generator:
 * each of those costs every event of every stream some turns of the loop.
 */
export function answerLines(
  answerId: string,
  events: AsyncIterable<NumberedEvent>,
  requestId: string,
): AsyncIterableIterator<string, undefined> {
  const source = events[Symbol.asyncIterator]()
  let ended = false
  const line = (step: IteratorResult<NumberedEvent>): IteratorResult<string, undefined> => {
    ended = step.done === true
    if (step.done === true) return { done: true, value: undefined }
    const { number, event } = step.value
    return { done: false, value: eventLine(JSON.stringify(event), event.type, `${answerId}.${number}`) }
  }
  const problem = (reason: unknown): IteratorResult<string, undefined> => {
    ended = true
    return { done: false, value: eventLine(JSON.stringify(problemOf(toShow(reason, requestId), requestId)), 'error') }
  }
  return iterator(
    () => (ended ? undefined : source.next().then(line).catch(problem)),
    async () => {
      if (!ended) await source.return?.()
    },
  )
}

/** The events of an answer that is asked for here, numbered; `first` has come already. Leaving leaves the answer. */
export function numbered(
  first: IteratorResult<AnswerEvent>,
  events: AsyncIterator<AnswerEvent>,
): AsyncIterableIterator<NumberedEvent, undefined> {
  let number = 0
  let ended = false
  const counted = (step: IteratorResult<AnswerEvent>): IteratorResult<NumberedEvent, undefined> => {
    ended = step.done === true
    return step.done === true
      ? { done: true, value: undefined }
      : { done: false, value: { number: ++number, event: step.value } }
  }
  const failed = (reason: unknown): never => {
    ended = true
    throw reason
  }
  return iterator(
    () => (ended ? undefined : number === 0 ? Promise.resolve(counted(first)) : events.next().then(counted, failed)),
    async () => {
      if (!ended) await events.return?.()
    },
  )
}

/** An iterator of two functions: `next` gives undefined when nothing is left. */
function iterator<Item>(
  next: () => Promise<IteratorResult<Item, undefined>> | undefined,
  leave: () => Promise<void>,
): AsyncIterableIterator<Item, undefined> {
  let left = false
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: () => (left ? undefined : next()) ?? Promise.resolve({ done: true, value: undefined }),
    async return() {
      left = true
      await leave()
      return { done: true, value: undefined }
    },
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
