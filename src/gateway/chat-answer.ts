// From the events of an answer to OpenAI's chat completion, whole or in chunks. Citations become annotations of the
// text; what OpenAI has no field for (mode, confidence, degradations) stands under `andon`.

import type { AnswerEvent, Usage } from '../core/question.ts'
import { AnswerSoFar } from './answer-so-far.ts'
import type { ChatAnnotation, ChatCall, ChatChunk, ChatCompletion, ChatUsage } from './chat-schema.ts'
import type { PassageLink } from './passage-link.ts'

/** What is the same in every chunk of one answer. */
export interface ChatHead {
  id: string
  created: number
  model: string
}

/** The whole completion. */
export async function chatCompletion(
  head: ChatHead,
  events: AsyncIterable<AnswerEvent>,
  link: PassageLink,
): Promise<ChatCompletion> {
  const answer = new AnswerSoFar()
  for await (const event of events) answer.see(event)
  const calls = callsOf(answer)
  const message = {
    role: 'assistant' as const,
    content: calls.length > 0 && answer.text === '' ? null : answer.text,
    refusal: null,
    annotations: annotationsOf(answer, link),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  }
  return {
    ...head,
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishOf(calls) }],
    usage: usageOf(answer.usage),
    andon: answer.extension(),
  }
}

/**
 * The chunks of a completion. With usage, each has the field: null in all but one more, which is the last and has no
 * choices.
 */
export async function* chatChunks(
  head: ChatHead,
  events: AsyncIterable<AnswerEvent>,
  { link, withUsage }: { link: PassageLink; withUsage: boolean },
): AsyncGenerator<ChatChunk> {
  const answer = new AnswerSoFar()
  const same = { ...head, object: 'chat.completion.chunk' as const, ...(withUsage ? { usage: null } : {}) }
  const chunk = (delta: ChatChunk['choices'][number]['delta']): ChatChunk => ({
    ...same,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: null }],
  })
  yield chunk({ role: 'assistant', content: '' })
  for await (const event of events) {
    answer.see(event)
    if (event.type === 'text-delta') yield chunk({ content: event.text })
  }
  const calls = callsOf(answer)
  for (const [index, call] of calls.entries()) yield chunk({ tool_calls: [{ index, ...call }] })
  const annotations = annotationsOf(answer, link)
  const delta = annotations.length === 0 ? {} : { annotations }
  const choice = { index: 0 as const, delta, logprobs: null, finish_reason: finishOf(calls) }
  yield { ...same, choices: [choice], andon: answer.extension() }
  if (withUsage) yield { ...same, choices: [], usage: usageOf(answer.usage) }
}

function callsOf(answer: AnswerSoFar): ChatCall[] {
  return answer.toolCalls.map(({ id, name, arguments: given }) => ({
    id,
    type: 'function',
    function: { name, arguments: given },
  }))
}

function finishOf(calls: readonly ChatCall[]): 'stop' | 'tool_calls' {
  return calls.length > 0 ? 'tool_calls' : 'stop'
}

function annotationsOf(answer: AnswerSoFar, link: PassageLink): ChatAnnotation[] {
  return answer.marks().map(({ marker, start, end, citation }) => ({
    type: 'url_citation',
    url_citation: {
      start_index: start,
      end_index: end,
      title: citation.title || citation.documentName,
      url: link(citation),
    },
    andon: { marker, ...citation },
  }))
}

function usageOf({ promptTokens, completionTokens }: Usage): ChatUsage {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  }
}
