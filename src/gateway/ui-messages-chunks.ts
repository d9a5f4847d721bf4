// From the events of an answer to the AI SDK's UI message stream: text, sources, and what happens meanwhile as data.

import type { AnswerFailed } from '../core/answer-record.ts'
import type { AndonError } from '../core/errors.ts'
import type { AnswerEvent } from '../core/question.ts'
import { argumentsOf } from '../core/tool-arguments.ts'
import { AnswerSoFar } from './answer-so-far.ts'
import type { PassageLink } from './passage-link.ts'

/** One part of the stream; what else it carries depends on its type. */
export interface UiChunk {
  type: string
  [field: string]: unknown
}

const textId = 'text-1'

export interface UiTelling {
  link: PassageLink
  /** What of an error is for the caller. */
  show: (reason: unknown) => AndonError
  /** The message that goes on. Default: a new one, with the answer's id. */
  messageId?: string
}

/**
 * The chunks of an answer's message. Its id is the answer's, so that a later request tells which answers are shown. The
 * `data-` parts are transient, but for the suggestions: they tell what happens, and leave nothing in the message.
 */
export async function* uiChunks(
  answerId: string,
  events: AsyncIterable<AnswerEvent | AnswerFailed>,
  { link, show, messageId = answerId }: UiTelling,
): AsyncGenerator<UiChunk> {
  const answer = new AnswerSoFar()
  let speaking = false
  yield { type: 'start', messageId }
  yield { type: 'start-step' }
  try {
    for await (const event of events) {
      answer.see(event)
      if (event.type === 'text-delta' && !speaking) {
        speaking = true
        yield { type: 'text-start', id: textId }
      }
      yield* chunksOf(event, link)
    }
    const { mode, cached, confidence, score, degraded, sessionId } = answer.end
    if (speaking) yield { type: 'text-end', id: textId }
    for (const { id: toolCallId, name: toolName, arguments: given } of answer.toolCalls)
      yield { type: 'tool-input-available', toolCallId, toolName, input: argumentsOf(given) }
    yield { type: 'finish-step' }
    yield {
      type: 'finish',
      finishReason: answer.toolCalls.length > 0 ? 'tool-calls' : 'stop',
      messageMetadata: { answerId, mode, cached, confidence, score, degraded, usage: answer.usage, sessionId },
    }
  } catch (reason) {
    const error = show(reason)
    if (error.code === 'cancelled') yield { type: 'abort' }
    else yield { type: 'error', errorText: error.sentence }
  }
}

/** Andon's tools run here, and the page need not know them. */
const ours = { providerExecuted: true, dynamic: true }

function* chunksOf(event: AnswerEvent | AnswerFailed, link: PassageLink): Generator<UiChunk> {
  switch (event.type) {
    case 'text-delta':
      yield { type: 'text-delta', id: textId, delta: event.text }
      return
    case 'citation': {
      const { marker, citation } = event
      yield {
        type: 'source-document',
        sourceId: String(marker),
        mediaType: 'text/plain',
        title: citation.title || citation.documentName,
        filename: citation.documentName,
        providerMetadata: { andon: { marker, url: link(citation), ...citation } },
      }
      return
    }
    case 'stage-start':
      yield happening('stage', { stage: event.stage, state: 'running' })
      return
    case 'stage-end':
      yield happening('stage', { stage: event.stage, state: 'done', ms: event.ms })
      return
    case 'passages-found': {
      const passages = event.passages.map(
        ({ score, passage: { id, documentId, documentName, title, headings, page } }) => {
          return { id, documentId, documentName, title, headings, page, score }
        },
      )
      yield happening('passages', { search: event.search, passages })
      return
    }
    case 'tool-call': {
      const { id: toolCallId, name: toolName, arguments: input } = event
      yield { type: 'tool-input-available', toolCallId, toolName, input, ...ours }
      return
    }
    case 'tool-result': {
      const { id: toolCallId, ok, value: output = null, error } = event
      yield ok
        ? { type: 'tool-output-available', toolCallId, output, ...ours }
        : { type: 'tool-output-error', toolCallId, errorText: error?.message ?? 'It failed', ...ours }
      return
    }
    case 'tool-progress':
      yield happening('tool-progress', { toolCallId: event.id, done: event.done })
      return
    case 'tool-approval':
      yield happening('tool-approval', { toolCallId: event.id, approval: event.approval })
      return
    case 'answer-degraded':
      yield happening('degradation', event.degradation)
      return
    case 'suggestions':
      yield { type: 'data-suggestions', data: { questions: event.questions } }
      return
    default:
  }
}

function happening(what: string, data: object): UiChunk {
  return { type: `data-${what}`, data, transient: true }
}
