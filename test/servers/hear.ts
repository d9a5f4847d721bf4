// What a caller hears of a chat model: everything it says, put together, and how it ended.

import { openCall } from '../../src/core/call.ts'
import type { AndonError } from '../../src/core/errors.ts'
import type { ChatEvent, ChatModel, ChatRequest } from '../../src/models/model.ts'

export interface Heard {
  text: string
  reasoning: string
  /** All but text and reasoning. */
  others: ChatEvent[]
  error?: AndonError
}

/** Has the model answer, for at most ten seconds. */
export async function hear(model: ChatModel, request: ChatRequest): Promise<Heard> {
  using call = openCall({ tenant: 't', budgetMs: 10_000 })
  const heard: Heard = { text: '', reasoning: '', others: [] }
  try {
    for await (const event of model.chat(request, call)) {
      if (event.type === 'text-delta') heard.text += event.text
      else if (event.type === 'reasoning-delta') heard.reasoning += event.text
      else heard.others.push(event)
    }
  } catch (reason) {
    heard.error = reason as AndonError
  }
  return heard
}
