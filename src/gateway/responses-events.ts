// From the events of an answer to the typed events of a streamed response.

import type { AnswerFailed } from '../core/answer-record.ts'
import type { AndonError } from '../core/errors.ts'
import type { AnswerEvent } from '../core/question.ts'
import { ResponseOutput, type ResponseEvent } from '../router/wire/response-output.ts'
import { AnswerSoFar } from './answer-so-far.ts'
import type { PassageLink } from './passage-link.ts'
import {
  completedResponse,
  failedResponse,
  fileCitation,
  idOfItems,
  outputOf,
  responseObject,
  type ResponseHead,
} from './responses-object.ts'
import type { FileCitation } from './responses-schema.ts'

/**
 * The events of a response. An answer that fails on the way ends with `response.failed`; `show` says what of the error
 * is for the caller.
 */
export async function* responseEvents(
  head: ResponseHead,
  events: AsyncIterable<AnswerEvent | AnswerFailed>,
  { link, show }: { link: PassageLink; show: (reason: unknown) => AndonError },
): AsyncGenerator<ResponseEvent> {
  const output = new ResponseOutput<FileCitation>(idOfItems(head))
  const answer = new AnswerSoFar()
  const told = new Set<number>()

  /** Annotations that were not told yet. */
  function* fresh(): Generator<ResponseEvent> {
    for (const mark of answer.marks()) {
      if (told.has(mark.start)) continue
      told.add(mark.start)
      yield* output.annotation(fileCitation(mark, link))
    }
  }

  yield output.event('response.created', { response: responseObject(head) })
  yield output.event('response.in_progress', { response: responseObject(head) })
  try {
    for await (const event of events) {
      answer.see(event)
      if (event.type === 'text-delta') yield* output.text(event.text)
      if (event.type === 'citation') yield* fresh()
    }
    yield* fresh()
    // It has a message, unless the model only calls.
    if (answer.toolCalls.length === 0) yield* output.message()
    for (const call of answer.toolCalls) yield* output.call(call)
    yield* output.end()
    yield output.event('response.completed', {
      response: completedResponse(head, answer, outputOf(head, answer, link)),
    })
  } catch (reason) {
    yield output.event('response.failed', { response: failedResponse(head, show(reason), output.left) })
  }
}
