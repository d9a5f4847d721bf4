// The object that a response is, at each moment of its life.

import { AndonError, isCode } from '../core/errors.ts'
import type { AnswerRecord, AnswerState } from '../core/answer-record.ts'
import type { Usage } from '../core/question.ts'
import { outputCall, outputMessage, outputText } from '../router/wire/response-output.ts'
import { AnswerSoFar } from './answer-so-far.ts'
import { modelName } from './models.ts'
import type { PassageLink } from './passage-link.ts'
import { responsePrefix } from './responses-question.ts'
import type { FileCitation, ResponseObject, ResponsesBody } from './responses-schema.ts'

/** What stays the same in a response. */
export type ResponseHead = Pick<
  ResponseObject,
  | 'id'
  | 'created_at'
  | 'model'
  | 'background'
  | 'instructions'
  | 'metadata'
  | 'parallel_tool_calls'
  | 'previous_response_id'
  | 'store'
  | 'tool_choice'
  | 'tools'
>

/** The head of a response that was just asked for. */
export function headOf(answerId: string, body: ResponsesBody): ResponseHead {
  return {
    id: responsePrefix + answerId,
    created_at: Math.floor(Date.now() / 1000),
    model: body.model,
    background: body.background === true,
    instructions: typeof body.instructions === 'string' ? body.instructions : null,
    metadata: body.metadata ?? {},
    previous_response_id: body.previous_response_id ?? null,
    store: body.store !== false,
    parallel_tool_calls: body.parallel_tool_calls !== false,
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
  }
}

/** The head of a response that is looked up: of the request, only what its record tells. */
export function headOfRecord(record: AnswerRecord): ResponseHead {
  const collection = record.filter?.collections?.[0]
  return {
    id: responsePrefix + record.id,
    created_at: Math.floor(record.startedAt / 1000),
    model: collection === undefined ? modelName : `${modelName}/${collection}`,
    background: true,
    instructions: null,
    metadata: {},
    previous_response_id: null,
    store: record.sessionId !== undefined,
    parallel_tool_calls: true,
    tool_choice: 'auto',
    tools: [],
  }
}

/** A response without output, unless more says otherwise. */
export function responseObject(head: ResponseHead, more: Partial<ResponseObject> = {}): ResponseObject {
  return {
    ...head,
    object: 'response',
    completed_at: null,
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    max_output_tokens: null,
    output: [],
    reasoning: { effort: null, summary: null },
    temperature: null,
    text: { format: { type: 'text' } },
    top_p: null,
    truncation: 'disabled',
    usage: null,
    ...more,
  }
}

/** A response whose answer came to its end. */
export function completedResponse(
  head: ResponseHead,
  answer: AnswerSoFar,
  output: ResponseObject['output'],
): ResponseObject {
  return responseObject(head, {
    status: 'completed',
    completed_at: Math.floor(Date.now() / 1000),
    output,
    usage: usageOf(answer.usage),
    andon: answer.extension(),
  })
}

/** A response whose answer failed. */
export function failedResponse(
  head: ResponseHead,
  error: AndonError,
  output: ResponseObject['output'] = [],
): ResponseObject {
  const code = error.code === 'overloaded' ? 'rate_limit_exceeded' : 'server_error'
  return responseObject(head, { status: 'failed', error: { code, message: error.sentence }, output })
}

/** A response as its record tells it. */
export function recordedResponse(record: AnswerRecord, link: PassageLink): ResponseObject {
  const head = headOfRecord(record)
  const status = statuses[record.state]
  if (status === 'completed') {
    const answer = new AnswerSoFar()
    for (const event of record.events) answer.see(event)
    const completed = completedResponse(head, answer, outputOf(head, answer, link))
    return { ...completed, completed_at: Math.floor((record.endedAt ?? record.startedAt) / 1000) }
  }
  if (status !== 'failed') return responseObject(head, { status })
  const { code = 'unavailable', message = 'Andon was stopped before the answer had its end. Ask again.' } =
    record.error ?? {}
  return failedResponse(head, new AndonError(isCode(code) ? code : 'internal', message))
}

const statuses: Record<AnswerState, ResponseObject['status']> = {
  running: 'in_progress',
  done: 'completed',
  failed: 'failed',
  interrupted: 'failed',
  stopped: 'cancelled',
}

/** What a response consists of: its message, and the calls of the caller's functions; without a message when it only calls. */
export function outputOf(head: ResponseHead, answer: AnswerSoFar, link: PassageLink): ResponseObject['output'] {
  const annotations = answer.marks().map((mark) => fileCitation(mark, link))
  const calls = answer.toolCalls.map((call) => outputCall(call))
  if (calls.length > 0 && answer.text === '') return calls
  return [outputMessage(`msg_${idOfItems(head)}`, 'completed', [outputText(answer.text, annotations)]), ...calls]
}

/** What the ids of its items end with. */
export function idOfItems({ id }: ResponseHead): string {
  return id.slice(responsePrefix.length)
}

/** A mark in the text, as OpenAI tells what a text leans on. */
export function fileCitation(mark: ReturnType<AnswerSoFar['marks']>[number], link: PassageLink): FileCitation {
  const { marker, start, citation } = mark
  return {
    type: 'file_citation',
    file_id: citation.documentId,
    filename: citation.documentName,
    index: start,
    andon: { marker, url: link(citation), ...citation },
  }
}

function usageOf({ promptTokens, completionTokens, cachedTokens = 0 }: Usage): ResponseObject['usage'] {
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: cachedTokens, cache_write_tokens: 0 },
    output_tokens: completionTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: promptTokens + completionTokens,
  }
}
