// From the events of an answer to OpenAI's chat completion, whole or in chunks. Citations become annotations of the
// text; what OpenAI has no field for (mode, confidence, degradations) stands under `andon`.

import type { AnswerEvent, Usage } from '../core/question.ts'
import { AnswerSoFar } from './answer-so-far.ts'
import type { ChatAnnotation, ChatChunk, ChatCompletion, ChatUsage } from './chat-schema.ts'
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
  const message = {
    role: 'assistant' as const,
    content: answer.text,
    refusal: null,
    annotations: annotationsOf(answer, link),
  }
  return {
    ...head,
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
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
  const annotations = annotationsOf(answer, link)
  const delta = annotations.length === 0 ? {} : { annotations }
  yield { ...same, choices: [{ index: 0, delta, logprobs: null, finish_reason: 'stop' }], andon: answer.extension() }
  if (withUsage) yield { ...same, choices: [], usage: usageOf(answer.usage) }
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
