// From the events of an answer to the typed events of a streamed response, in the order that OpenAI's clients rely on.

import type { AnswerFailed } from '../core/answer-record.ts'
import type { AndonError } from '../core/errors.ts'
import type { AnswerEvent } from '../core/question.ts'
import { AnswerSoFar } from './answer-so-far.ts'
import type { PassageLink } from './passage-link.ts'
import {
  callOf,
  completedResponse,
  failedResponse,
  fileCitation,
  messageOf,
  outputOf,
  outputText,
  responseObject,
  type ResponseHead,
} from './responses-object.ts'
import type { FileCitation } from './responses-schema.ts'

/** An event of a streamed response; what else it carries depends on its type. */
export interface ResponseEvent {
  type: string
  sequence_number: number
}

/**
 * The events of a response. An answer that fails on the way ends with `response.failed`; `show` says what of the error
 * is for the caller.
 */
export async function* responseEvents(
  head: ResponseHead,
  events: AsyncIterable<AnswerEvent | AnswerFailed>,
  { link, show }: { link: PassageLink; show: (reason: unknown) => AndonError },
): AsyncGenerator<ResponseEvent> {
  let count = 0
  const next = (type: string, more: object): ResponseEvent => ({ type, sequence_number: count++, ...more })
  const answer = new AnswerSoFar()
  const annotations: FileCitation[] = []
  const item = messageOf(head, 'in_progress', [])
  const inPart = { item_id: item.id, output_index: 0, content_index: 0 }
  let speaking = false

  /** Begins the message, which is not there when the model only calls. */
  function* begin(): Generator<ResponseEvent> {
    if (speaking) return
    speaking = true
    yield next('response.output_item.added', { output_index: 0, item })
    yield next('response.content_part.added', { ...inPart, part: outputText('') })
  }

  function* end(): Generator<ResponseEvent> {
    const part = outputText(answer.text, annotations)
    yield next('response.output_text.done', { ...inPart, text: answer.text, logprobs: [] })
    yield next('response.content_part.done', { ...inPart, part })
    yield next('response.output_item.done', { output_index: 0, item: messageOf(head, 'completed', [part]) })
  }

  /** The calls of the caller's functions, behind the message. */
  function* called(): Generator<ResponseEvent> {
    for (const [at, call] of answer.toolCalls.map((each) => callOf(each)).entries()) {
      const output_index = at + (speaking ? 1 : 0)
      const inCall = { item_id: call.id, output_index }
      const { arguments: given, name } = call
      const added = { ...call, status: 'in_progress', arguments: '' }
      yield next('response.output_item.added', { output_index, item: added })
      yield next('response.function_call_arguments.delta', { ...inCall, delta: given })
      yield next('response.function_call_arguments.done', { ...inCall, name, arguments: given })
      yield next('response.output_item.done', { output_index, item: call })
    }
  }

  /** Annotations that were not told yet. */
  function* fresh(): Generator<ResponseEvent> {
    const told = new Set(annotations.map(({ index }) => index))
    for (const mark of answer.marks().filter(({ start }) => !told.has(start))) {
      const annotation = fileCitation(mark, link)
      annotations.push(annotation)
      yield next('response.output_text.annotation.added', {
        ...inPart,
        annotation_index: annotations.length - 1,
        annotation,
      })
    }
  }

  yield next('response.created', { response: responseObject(head) })
  yield next('response.in_progress', { response: responseObject(head) })
  try {
    for await (const event of events) {
      answer.see(event)
      if (event.type === 'text-delta') {
        yield* begin()
        yield next('response.output_text.delta', { ...inPart, delta: event.text, logprobs: [] })
      }
      if (event.type === 'citation') yield* fresh()
    }
    yield* fresh()
    if (answer.toolCalls.length === 0) yield* begin()
    if (speaking) yield* end()
    yield* called()
    yield next('response.completed', { response: completedResponse(head, answer, outputOf(head, answer, link)) })
  } catch (reason) {
    const left = messageOf(head, 'incomplete', [outputText(answer.text, annotations)])
    yield next('response.failed', { response: failedResponse(head, show(reason), [left]) })
  }
}
