// One request to the model: its text, without what must not be shown, and the calls that it asks for.

import type { AskedCall, CachedWords, Passage, Usage } from '../../core/question.ts'
import type { Call } from '../../core/station.ts'
import { chatAsSpan } from '../../models/chat-span.ts'
import type { ChatModel, ChatRequest, FinishReason } from '../../models/model.ts'
import { AnswerHead } from './answer-head.ts'
import { BoundaryWatch } from './boundary-watch.ts'
import type { LinkFilter } from './links.ts'
import type { Prompt } from './prompt.ts'

export type StepEvent =
  /** The server answers. The first `included` passages are in the prompt. */
  | { type: 'prompt'; included: number; promptTokens: number }
  | { type: 'text-delta'; text: string }
  /** The model says that its sources do not answer; its sentence follows as text. */
  | { type: 'no-answer' }

/** What one request came to. */
export interface Step {
  text: string
  /** The model said that its sources do not answer. */
  none: boolean
  calls: AskedCall[]
  reason: FinishReason
  /** Who said it, where it was not the model that was asked. */
  model?: string
  usage?: Usage
  /** It was said to somebody else: this request was not made. */
  cached?: CachedWords
}

/** How a request is told. */
export interface StepTelling {
  question: string
  /** The first of them are in the prompt. */
  passages: readonly Passage[]
  prompt: Prompt
  links: LinkFilter
  /** From 1; only the first tells of the prompt. */
  number: number
  /** What parts its text from what was said before. */
  gap: string
  /** For the span. */
  attempt: number
}

/** How a request is made, or what was said to the same one comes by. */
export type AskOnce = typeof askOnce

/** Asks the model once. */
export async function* askOnce(
  model: ChatModel,
  request: ChatRequest,
  { prompt, links, number, gap, attempt }: StepTelling,
  call: Call,
): AsyncGenerator<StepEvent, Step> {
  const head = new AnswerHead()
  const secret = new BoundaryWatch(prompt.boundary)
  const step: Step = { text: '', none: false, calls: [], reason: 'other' }
  let begun = false

  function* pieces(text: string, ended = false): Generator<StepEvent> {
    if (head.none && !step.none) {
      step.none = true
      yield { type: 'no-answer' }
    }
    const clean = links.push(text) + (ended ? links.end() : '')
    if (clean === '') return
    if (step.text === '' && gap !== '') yield { type: 'text-delta', text: gap }
    step.text += clean
    yield { type: 'text-delta', text: clean }
  }

  for await (const event of chatAsSpan(model, request, call, { station: 'generate', attempt })) {
    if (!begun) {
      begun = true
      const { included, promptTokens } = prompt
      if (number === 1) yield { type: 'prompt', included, promptTokens }
    }
    if (event.type === 'usage') step.usage = event.usage
    if (event.type === 'fallback') step.model = event.model
    if (event.type === 'finish') step.reason = event.reason
    if (event.type === 'tool-call') step.calls.push(event.call)
    if (event.type === 'text-delta') yield* pieces(head.push(secret.push(event.text)))
  }
  yield* pieces(head.push(secret.end()) + head.end(), true)
  return step
}
