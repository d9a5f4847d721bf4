// /chat/completions: what a model says, as OpenAI's chunks or as one completion.

import type { AndonError } from '../../core/errors.ts'
import type { AskedCall } from '../../core/question.ts'
import type { ChatEvent, FinishReason } from '../../models/model.ts'
import { chatRequestOf } from './chat-request.ts'
import type { Answered, Dialect, Scribe } from './dialect.ts'
import { errorFrame } from './interruption.ts'
import type { Said } from './said.ts'

export const chatDialect: Dialect = {
  request: (body, who) => chatRequestOf(body.parse(), who),
  scribe: (answered) => new ChatScribe(answered),
}

class ChatScribe implements Scribe {
  readonly #answered: Answered
  readonly #head: { id: string; created: number; model: string }
  #calls = 0

  constructor(answered: Answered) {
    const { id, model } = answered
    this.#answered = answered
    this.#head = { id: `chatcmpl-${id}`, created: Math.floor(Date.now() / 1000), model }
  }

  begin(): string {
    return this.#delta({ role: 'assistant', content: '' })
  }

  frames(event: ChatEvent): string {
    switch (event.type) {
      case 'text-delta':
        return this.#delta({ content: event.text })
      case 'reasoning-delta':
        return this.#delta({ reasoning_content: event.text })
      case 'tool-call':
        return this.#delta({ tool_calls: [{ index: this.#calls++, ...wireCall(event.call) }] })
      case 'finish':
        return this.#delta({}, wireFinish(event.reason))
      default:
        return ''
    }
  }

  end(said: Said): string {
    const { stream_options: options } = this.#answered.body.parse()
    const wantsUsage = typeof options === 'object' && options !== null && Reflect.get(options, 'include_usage') === true
    return `${wantsUsage ? this.#chunk({ choices: [], usage: wireUsage(said) }) : ''}data: [DONE]\n\n`
  }

  broken(error: AndonError, code: string): string {
    return errorFrame(error, code)
  }

  whole(said: Said): object {
    const { text, reasoning, calls, finish } = said
    const message = {
      role: 'assistant',
      content: text === '' && calls.length > 0 ? null : text,
      ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
      ...(calls.length === 0 ? {} : { tool_calls: calls.map(wireCall) }),
    }
    const choices = [{ index: 0, message, logprobs: null, finish_reason: wireFinish(finish) }]
    return { ...this.#head, object: 'chat.completion', choices, usage: wireUsage(said) }
  }

  #delta(delta: object, finish: string | null = null): string {
    return this.#chunk({ choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] })
  }

  #chunk(chunk: object): string {
    return `data: ${JSON.stringify({ ...this.#head, object: 'chat.completion.chunk', ...chunk })}\n\n`
  }
}

function wireUsage({ tally: { promptTokens, outputTokens, cachedTokens } }: Said): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: outputTokens,
    total_tokens: promptTokens + outputTokens,
    ...(cachedTokens === undefined ? {} : { prompt_tokens_details: { cached_tokens: cachedTokens } }),
  }
}

function wireCall({ id, name, arguments: text }: AskedCall): object {
  return { id, type: 'function', function: { name, arguments: text } }
}

function wireFinish(reason: FinishReason): string {
  switch (reason) {
    case 'length':
      return 'length'
    case 'filter':
      return 'content_filter'
    case 'tools':
      return 'tool_calls'
    default:
      return 'stop'
  }
}
