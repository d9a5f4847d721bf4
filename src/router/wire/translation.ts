// An endpoint that does not speak OpenAI's API answers all the same: its ChatModel is asked, and what it says goes on as
// OpenAI's chunks or completion.

import type { ServerResponse } from 'node:http'
import { onOver, type OwnedCall } from '../../core/call.ts'
import { AndonError } from '../../core/errors.ts'
import type { AskedCall, Usage } from '../../core/question.ts'
import type { ChatEvent, ChatModel, ChatRequest, FinishReason } from '../../models/model.ts'
import { isContent, isWord } from '../content.ts'
import { failedAttempt, failureOf } from '../failures.ts'
import type { Lease } from '../order.ts'
import type { Asked } from './bytes-attempt.ts'
import { chatRequestOf } from './chat-request.ts'
import { endWithoutEnd, errorFrame } from './interruption.ts'
import type { HeadOf, Reply, Tally } from './reply.ts'

export class Translation implements Reply {
  readonly #lease: Lease | undefined
  readonly #call: OwnedCall
  readonly #asked: Asked
  readonly #events: AsyncIterator<ChatEvent>
  readonly #model: string
  readonly #who: string
  #first: ChatEvent[] = []
  #text = ''
  #reasoning = ''
  readonly #calls: AskedCall[] = []
  #usage: Usage | undefined
  #finish: FinishReason = 'other'
  #pieces = 0

  /** `name` is what the caller is told as the name of the model; without a lease the model stands at no endpoint. */
  constructor(lease: Lease | undefined, call: OwnedCall, model: ChatModel, asked: Asked, name: string) {
    this.#lease = lease
    this.#call = call
    this.#asked = asked
    this.#model = name
    this.#who = lease ? `The endpoint "${lease.endpoint.name}"` : `The model "${name}"`
    const request = { ...chatRequestOf(asked.body.parse(), this.#who), ...(lease ? leased(lease) : {}) }
    this.#events = model.chat(request, call)[Symbol.asyncIterator]()
  }

  /** Asks; resolves with the first word, thought or call. A whole answer is waited for whole. */
  async begin(): Promise<this> {
    for (;;) {
      const next = await this.#events.next()
      if (next.done === true) break
      this.#first.push(next.value)
      this.#note(next.value)
      if (this.#asked.body.stream && (isContent(next.value) || isWord(next.value))) {
        // It may have begun for nobody.
        onOver(this.#call, () => this.#leave())
        return this
      }
    }
    if (!this.#first.some((event) => isContent(event) || isWord(event)))
      throw failedAttempt('malformed', `${this.#who} ended its answer without a word.`)
    return this
  }

  async send(response: ServerResponse, headOf: HeadOf): Promise<Tally> {
    try {
      if (this.#asked.body.stream) await this.#stream(response, headOf)
      else this.#whole(response, headOf)
    } catch (reason) {
      return this.#interrupt(response, AndonError.from(reason))
    } finally {
      this.#leave()
      this.#call[Symbol.dispose]()
    }
    const { promptTokens, outputTokens, cachedTokens } = this.#tally()
    this.#lease?.end({
      kind: 'done',
      promptTokens,
      outputTokens,
      ...(cachedTokens === undefined ? {} : { cachedTokens }),
    })
    return this.#tally()
  }

  /** The model need say no more: it lets go of what it holds. */
  #leave(): void {
    void this.#events.return?.().catch(() => {})
  }

  async #stream(response: ServerResponse, headOf: HeadOf): Promise<void> {
    response.writeHead(200, headOf('text/event-stream; charset=utf-8', undefined))
    const same = { ...this.#head(), object: 'chat.completion.chunk' }
    const frame = (delta: object, finish: string | null = null): string =>
      frameOf({ ...same, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] })
    let calls = 0
    const frameFor = (event: ChatEvent): string => {
      switch (event.type) {
        case 'text-delta':
          return frame({ content: event.text })
        case 'reasoning-delta':
          return frame({ reasoning_content: event.text })
        case 'tool-call':
          return frame({ tool_calls: [{ index: calls++, ...wireCall(event.call) }] })
        case 'finish':
          return frame({}, wireFinish(event.reason))
        default:
          return ''
      }
    }
    response.write(frame({ role: 'assistant', content: '' }) + this.#first.map(frameFor).join(''))
    this.#first = []
    for (;;) {
      const next = await this.#events.next()
      if (next.done === true) break
      this.#note(next.value)
      if (isContent(next.value)) this.#lease?.progress(1)
      if (response.write(frameFor(next.value))) continue
      this.#lease?.pause()
      await drained(response, this.#call)
      this.#lease?.resume()
    }
    const { stream_options: options } = this.#asked.body.parse()
    const wantsUsage = typeof options === 'object' && options !== null && Reflect.get(options, 'include_usage') === true
    const usage = wantsUsage ? frameOf({ ...same, choices: [], usage: this.#wireUsage() }) : ''
    response.end(`${usage}data: [DONE]\n\n`)
  }

  #whole(response: ServerResponse, headOf: HeadOf): void {
    const message = {
      role: 'assistant',
      content: this.#text === '' && this.#calls.length > 0 ? null : this.#text,
      ...(this.#reasoning === '' ? {} : { reasoning_content: this.#reasoning }),
      ...(this.#calls.length === 0 ? {} : { tool_calls: this.#calls.map(wireCall) }),
    }
    const choices = [{ index: 0, message, logprobs: null, finish_reason: wireFinish(this.#finish) }]
    const body = JSON.stringify({ ...this.#head(), object: 'chat.completion', choices, usage: this.#wireUsage() })
    response.writeHead(200, headOf('application/json', Buffer.byteLength(body)))
    response.end(body)
  }

  #interrupt(response: ServerResponse, error: AndonError): Tally {
    const isOurs = this.#call.signal.aborted
    if (this.#asked.body.stream && error.code !== 'cancelled')
      response.write(errorFrame(error, isOurs ? error.code : 'upstream_interrupted'))
    endWithoutEnd(response, error)
    const lease = this.#lease
    lease?.end(isOurs ? { kind: 'cancelled' } : { kind: 'failed', failure: failureOf(error, lease.endpoint) })
    return { ...this.#tally(), error }
  }

  #note(event: ChatEvent): void {
    if (isContent(event)) this.#pieces++
    if (event.type === 'text-delta') this.#text += event.text
    else if (event.type === 'reasoning-delta') this.#reasoning += event.text
    else if (event.type === 'tool-call') this.#calls.push(event.call)
    else if (event.type === 'usage') this.#usage = event.usage
    else if (event.type === 'finish') this.#finish = event.reason
  }

  #tally(): Tally {
    if (this.#usage === undefined)
      return { promptTokens: this.#asked.body.promptTokens, outputTokens: this.#pieces, estimated: true }
    const { promptTokens, completionTokens, cachedTokens, estimated } = this.#usage
    const cached = cachedTokens === undefined ? {} : { cachedTokens }
    return { promptTokens, outputTokens: completionTokens, estimated, ...cached }
  }

  #wireUsage(): object {
    const { promptTokens, outputTokens, cachedTokens } = this.#tally()
    return {
      prompt_tokens: promptTokens,
      completion_tokens: outputTokens,
      total_tokens: promptTokens + outputTokens,
      ...(cachedTokens === undefined ? {} : { prompt_tokens_details: { cached_tokens: cachedTokens } }),
    }
  }

  #head(): { id: string; created: number; model: string } {
    return { id: `chatcmpl-${this.#call.id}`, created: Math.floor(Date.now() / 1000), model: this.#model }
  }
}

/** What the place says about the request: its limits of silence, and the server's own name of the model. */
function leased({ firstTokenMs, endpoint, model }: Lease): Partial<ChatRequest> {
  return { firstTokenMs, idleMs: endpoint.idleMs, ...(model === undefined ? {} : { model }) }
}

function frameOf(chunk: object): string {
  return `data: ${JSON.stringify(chunk)}\n\n`
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

/** Waits until a slow reader has caught up. Throws the call's reason when it is over before. */
async function drained(response: ServerResponse, call: OwnedCall): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  response.once('drain', resolve)
  const stop = onOver(call, reject)
  try {
    await promise
  } finally {
    stop()
    response.off('drain', resolve)
  }
}
