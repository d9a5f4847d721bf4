// /responses: what a model says, as the typed events of a response or as one response. Nothing of it is kept: a
// conversation is the caller's own, and comes whole with each request.

import type { AndonError } from '../../core/errors.ts'
import { isRecord } from '../../models/failure.ts'
import type { ChatEvent } from '../../models/model.ts'
import type { Answered, Dialect, Scribe } from './dialect.ts'
import { ResponseOutput, type ResponseEvent } from './response-output.ts'
import { responsesRequestOf } from './responses-request.ts'
import type { Said } from './said.ts'

export const responsesDialect: Dialect = {
  request: (body, who) => responsesRequestOf(body.parse(), who),
  scribe: (answered) => new ResponsesScribe(answered),
}

class ResponsesScribe implements Scribe {
  readonly #output: ResponseOutput
  readonly #head: object

  constructor({ id, model, body }: Answered) {
    this.#output = new ResponseOutput(id)
    const created = Math.floor(Date.now() / 1000)
    this.#head = { id: `resp_${id}`, object: 'response', created_at: created, model, ...echoOf(body.parse()) }
  }

  begin(): string {
    const response = this.#response({ status: 'in_progress' })
    return framesOf(['response.created', 'response.in_progress'].map((type) => this.#output.event(type, { response })))
  }

  frames(event: ChatEvent): string {
    return framesOf(this.#eventsOf(event))
  }

  end(said: Said): string {
    const rest = framesOf(this.#output.end(cutBy(said) && 'incomplete'))
    const response = this.#ended(said)
    return rest + framesOf([this.#output.event(`response.${response.status}`, { response })])
  }

  broken(error: AndonError, code: string): string {
    const failed = { code, message: error.sentence }
    const response = this.#response({ status: 'failed', error: failed, output: this.#output.left })
    return framesOf([this.#output.event('response.failed', { response })])
  }

  whole(said: Said): object {
    if (said.reasoning !== '') drain(this.#output.reasoning(said.reasoning))
    if (said.text !== '') drain(this.#output.text(said.text))
    for (const call of said.calls) drain(this.#output.call(call))
    drain(this.#output.end(cutBy(said) && 'incomplete'))
    return this.#ended(said)
  }

  #eventsOf(event: ChatEvent): Iterable<ResponseEvent> {
    switch (event.type) {
      case 'text-delta':
        return event.text === '' ? [] : this.#output.text(event.text)
      case 'reasoning-delta':
        return event.text === '' ? [] : this.#output.reasoning(event.text)
      case 'tool-call':
        return this.#output.call(event.call)
      default:
        return []
    }
  }

  #ended(said: Said): { status: string } {
    const reason = cutBy(said)
    const { usage, tally } = said
    const { promptTokens, outputTokens, cachedTokens = 0 } = tally
    return this.#response({
      ...(reason === undefined
        ? { status: 'completed', completed_at: Math.floor(Date.now() / 1000) }
        : { status: 'incomplete', incomplete_details: { reason } }),
      output: this.#output.items,
      usage: {
        input_tokens: promptTokens,
        input_tokens_details: { cached_tokens: cachedTokens, cache_write_tokens: 0 },
        output_tokens: outputTokens,
        output_tokens_details: { reasoning_tokens: usage?.reasoningTokens ?? 0 },
        total_tokens: promptTokens + outputTokens,
      },
    })
  }

  #response<More extends { status: string }>(more: More): More {
    const nothing = { completed_at: null, error: null, incomplete_details: null, output: [], usage: null }
    return { ...this.#head, ...nothing, ...more }
  }
}

/** What a response repeats of its request; OpenAI's defaults where the request says nothing. */
function echoOf(body: Readonly<Record<string, unknown>>): object {
  return {
    background: false,
    instructions: body['instructions'] ?? null,
    max_output_tokens: body['max_output_tokens'] ?? null,
    metadata: body['metadata'] ?? {},
    parallel_tool_calls: body['parallel_tool_calls'] ?? true,
    previous_response_id: null,
    reasoning: isRecord(body['reasoning']) ? body['reasoning'] : { effort: null, summary: null },
    store: false,
    temperature: body['temperature'] ?? null,
    text: isRecord(body['text']) ? body['text'] : { format: { type: 'text' } },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: body['tools'] ?? [],
    top_p: body['top_p'] ?? null,
    truncation: 'disabled',
  }
}

/** Why it is not complete. */
function cutBy({ finish }: Said): 'max_output_tokens' | 'content_filter' | undefined {
  return finish === 'length' ? 'max_output_tokens' : finish === 'filter' ? 'content_filter' : undefined
}

function framesOf(events: Iterable<ResponseEvent>): string {
  let frames = ''
  for (const event of events) frames += `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
  return frames
}

/** The events are for a stream; here only the items matter that they leave behind. */
function drain(events: Iterable<ResponseEvent>): void {
  for (const _ of events);
}
