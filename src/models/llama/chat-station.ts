// The child process's half of a model that talks: conversations in, events out, as many at once as it has sequences.

import { childCall, endCall, throwIfOver } from '../../core/call.ts'
import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import type { Call, Station } from '../../core/station.ts'
import { batchTokens, write } from './answer.ts'
import type { Draft, Written } from './answer.ts'
import type { ChatInput, ChatItem, ChatOrder, EngineSettings } from './contract.ts'
import { openEngine } from './engine.ts'
import type { Engine } from './engine.ts'
import { Grammars } from './grammars.ts'
import { chatHistory } from './history.ts'
import { Outbox } from './outbox.ts'
import type { ChatWrapper, Context, HistoryItem } from './peer.ts'
import { Seats } from './seats.ts'
import type { Seat } from './seats.ts'

/** Most tokens of a context when nobody names a number: a few GB of memory for each answer of a large model. */
const mostTokens = 8_192

/** Tokens that chat templates may add while an answer is written, such as the opening of a thought. */
const spareTokens = 16

/** How hot the second try is when the first did not keep to the schema: at 0 it would write the same again. */
const secondTemperature = 0.7

/** Makes the station. Errors: see {@link openEngine}; `invalid` when the model writes nothing. */
export async function open(
  settings: EngineSettings & { [key: string]: Plain },
): Promise<Station<ChatInput, ChatItem> & AsyncDisposable> {
  const { sequences } = settings
  const contextSize = (settings.contextTokens ?? mostTokens) * sequences
  const engine = await openEngine(settings, { contextSize, embeddingContext: false })
  try {
    const { model, peer } = engine
    if (model.fileInsights.supportsRanking || model.fileInfo.architectureMetadata.attention?.causal === false)
      throw new AndonError(
        'invalid',
        `The model ${settings.path} writes nothing: it makes vectors or scores. Give the GGUF of a model that talks.`,
      )
    const contextTokens = settings.contextTokens ?? Math.min(mostTokens, model.trainContextSize)
    const context = await engine.attempt(
      `The model ${settings.path} has no room for ${sequences} × ${contextTokens} tokens (models.llama.sequences × contextTokens)`,
      () => {
        return model.createContext({
          contextSize: contextTokens + spareTokens,
          sequences: sequences,
          batchSize: Math.max(batchTokens, sequences),
          // A smaller one would not hold what was promised.
          failedCreationRemedy: false,
        })
      },
    )
    return new ChatStation(engine, context, peer.resolveChatWrapper(model), sequences, contextTokens)
  } catch (reason) {
    await engine[Symbol.asyncDispose]()
    throw reason
  }
}

class ChatStation implements Station<ChatInput, ChatItem>, AsyncDisposable {
  readonly name = 'llama-chat'
  readonly #engine: Engine
  readonly #wrapper: ChatWrapper
  readonly #seats: Seats
  readonly #grammars: Grammars
  readonly #contextTokens: number

  constructor(engine: Engine, context: Context, wrapper: ChatWrapper, sequences: number, contextTokens: number) {
    this.#engine = engine
    this.#wrapper = wrapper
    this.#seats = new Seats(engine.peer, context, wrapper, sequences)
    this.#grammars = new Grammars(engine)
    this.#contextTokens = contextTokens
  }

  async *run(input: ChatInput, call: Call): AsyncGenerator<ChatItem, void, undefined> {
    if (input.ask === 'about') yield { type: 'about', contextTokens: this.#contextTokens }
    else yield* this.#chat(input.order, call)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine[Symbol.asyncDispose]()
  }

  async *#chat(order: ChatOrder, call: Call): AsyncGenerator<ChatItem, void, undefined> {
    const draft = this.#draft(order)
    const checked = order.schema === undefined ? undefined : await this.#grammars.of(order.schema)
    if (checked !== undefined) draft.grammar = checked.grammar
    else if (order.json === true) draft.grammar = await this.#grammars.json()
    using seat = await this.#seats.take(draft.tokens, call)
    const first = yield* this.#write(draft, seat, call, checked !== undefined)
    let { finish, text, completionTokens } = first
    // An answer that was cut is told as cut, and not as wrong.
    let problem = finish === 'length' ? undefined : checked?.problem(text)
    if (problem !== undefined) {
      const temperature = Math.max(secondTemperature, order.temperature ?? 0)
      const again = { ...order, temperature, ...(order.seed === undefined ? {} : { seed: order.seed + 1 }) }
      const second = yield* this.#write({ ...draft, order: again }, seat, call, true)
      ;({ finish, text } = second)
      completionTokens += second.completionTokens
      problem = finish === 'length' ? undefined : checked?.problem(text)
    }
    if (problem !== undefined)
      throw new AndonError('unavailable', `The model wrote JSON twice that does not keep to the schema: ${problem}.`)
    if (checked !== undefined && text !== '') yield { type: 'text-delta', text }
    const { cachedTokens } = first
    yield {
      type: 'usage',
      usage: { promptTokens: draft.tokens.length, completionTokens, cachedTokens, estimated: false },
    }
    yield { type: 'finish', reason: finish }
  }

  /** Renders the conversation and counts. Throws `too-large` when there is no room for an answer. */
  #draft(order: ChatOrder): Draft {
    const history = chatHistory(order.messages)
    const tokens = this.#rendered([...history, { type: 'model', response: [] }])
    const room = this.#contextTokens - tokens.length
    if (room < 1)
      throw new AndonError(
        'too-large',
        `The prompt has ${tokens.length} tokens, and the model takes ${this.#contextTokens} together with its answer: shorten it, or give models.llama.contextTokens a larger number.`,
      )
    const maxTokens = Math.min(order.maxTokens ?? room, room)
    return { history, tokens, maxTokens, order, on: this.#engine.llama.gpu === false ? 'cpu' : 'gpu' }
  }

  #rendered(chatHistory: HistoryItem[]): number[] {
    try {
      return this.#wrapper.generateContextState({ chatHistory }).contextText.tokenize(this.#engine.model.tokenizer)
    } catch (reason) {
      throw new AndonError(
        'invalid',
        `The chat template of the model refuses this conversation: ${AndonError.from(reason).sentence}`,
        { cause: reason },
      )
    }
  }

  /** Writes while its events are read; text that has to be checked first is kept back. */
  async *#write(
    draft: Draft,
    seat: Seat,
    call: Call,
    keepBack: boolean,
  ): AsyncGenerator<ChatItem, Written & { text: string }, undefined> {
    using own = childCall(call)
    const outbox = new Outbox<ChatItem>()
    let text = ''
    const writing = this.#engine.attempt('The model could not answer', () => {
      return write(draft, seat, own, (event) => {
        if (!keepBack || event.type !== 'text-delta') return outbox.put(event)
        text += event.text
        outbox.put({ type: 'alive' })
      })
    })
    outbox.closeAfter(writing)
    try {
      yield* outbox.items()
      return { ...(await writing), text }
    } catch (reason) {
      throwIfOver(call)
      seat.forget()
      throw reason
    } finally {
      endCall(own, new AndonError('cancelled', 'The reader of the answer has left'))
      // The sequence is the engine's until it has stopped.
      await writing.catch(() => {})
    }
  }
}
