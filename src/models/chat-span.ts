// A model's answer as a span: who answered, how long until its first text, until its end, and why it failed.

import type { Call } from '../core/station.ts'
import { SpanTimer, type SpanStart } from '../observe/span.ts'
import type { ChatEvent, ChatModel, ChatRequest } from './model.ts'

/** Has the model answer; the place of the span is the model, or the one that answers where that could not. */
export async function* chatAsSpan(
  model: ChatModel,
  request: ChatRequest,
  call: Call,
  start: SpanStart,
): AsyncGenerator<ChatEvent, void, undefined> {
  const timer = new SpanTimer(call, { ...start, place: model.name })
  let failed = false
  try {
    for await (const event of model.chat(request, call)) {
      if (event.type === 'text-delta') timer.text()
      else if (event.type === 'fallback') timer.fellBack(event.model)
      yield event
    }
  } catch (reason) {
    failed = true
    timer.failed(reason)
    throw reason
  } finally {
    if (!failed) timer.done()
  }
}
