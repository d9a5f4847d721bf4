// Reads the events of Anthropic's stream, from message_start to message_stop, and a message in one piece.
// https://platform.claude.com/docs/en/build-with-claude/streaming

import type { Usage } from '../../core/question.ts'
import type { ChunkReader } from '../chunk-stream.ts'
import type { Chunk } from '../chat-wire.ts'
import { isRecord } from '../failure.ts'
import type { Keepsakes } from '../keepsakes.ts'
import type { Block } from './messages.ts'

export class MessageReader implements ChunkReader {
  readonly #keepsakes: Keepsakes<Block[]>
  /** Of this message, so far. */
  readonly #thoughts: Block[] = []
  /** What was counted so far: the prompt at the beginning, the answer at the end. */
  readonly #counted: Record<string, unknown> = {}

  /** Thoughts are kept there for the calls that follow them. */
  constructor(keepsakes: Keepsakes<Block[]>) {
    this.#keepsakes = keepsakes
  }

  *read(value: Record<string, unknown>): Generator<Chunk | 'done', void, undefined> {
    const { type, index, delta, message, content_block: block } = value
    const place = typeof index === 'number' ? index : 0
    switch (type) {
      case 'message_start':
        if (isRecord(message)) this.#count(message['usage'])
        return
      case 'content_block_start':
        if (isRecord(block)) yield* this.#block(block, place)
        return
      case 'content_block_delta':
        if (isRecord(delta)) yield* this.#delta(delta, place)
        return
      case 'message_delta':
        yield this.#end(isRecord(delta) ? delta : {}, value['usage'])
        return
      case 'message_stop':
        yield 'done'
        return
      case 'message': {
        const content: unknown = value['content']
        for (const [place, whole] of (Array.isArray(content) ? content : []).entries())
          if (isRecord(whole)) yield* this.#block(whole, place)
        yield this.#end(value, value['usage'])
      }
    }
  }

  /** A block as it begins; in a message that came in one piece it is whole. */
  *#block(block: Block, index: number): Generator<Chunk, void, undefined> {
    const { type, text, thinking, id, name, input } = block
    if (type === 'text' && typeof text === 'string' && text !== '') yield { text, reasoning: '' }
    if (type === 'redacted_thinking') this.#thoughts.push(block)
    if (type === 'thinking') {
      this.#thoughts.push({ signature: '', ...block })
      if (typeof thinking === 'string' && thinking !== '') yield { text: '', reasoning: thinking }
    }
    if (type !== 'tool_use' || typeof id !== 'string' || typeof name !== 'string') return
    if (this.#thoughts.length > 0) this.#keepsakes.keep(id, this.#thoughts.slice())
    const whole = isRecord(input) && Object.keys(input).length > 0 ? { arguments: JSON.stringify(input) } : {}
    yield { text: '', reasoning: '', calls: [{ index, id, name, ...whole }] }
  }

  *#delta(delta: Block, index: number): Generator<Chunk, void, undefined> {
    const { type, text, thinking, signature, partial_json: piece } = delta
    if (type === 'text_delta' && typeof text === 'string') yield { text, reasoning: '' }
    if (type === 'input_json_delta' && typeof piece === 'string')
      yield { text: '', reasoning: '', calls: [{ index, arguments: piece }] }
    const thought = this.#thoughts.at(-1)
    if (type === 'thinking_delta' && typeof thinking === 'string') {
      if (thought) thought['thinking'] = (typeof thought['thinking'] === 'string' ? thought['thinking'] : '') + thinking
      yield { text: '', reasoning: thinking }
    }
    if (type === 'signature_delta' && typeof signature === 'string' && thought) thought['signature'] = signature
  }

  #end(said: Block, usage: unknown): Chunk {
    this.#count(usage)
    const counted = this.#usage()
    const finish = finishOf(said['stop_reason'])
    return {
      text: '',
      reasoning: '',
      ...(counted === undefined ? {} : { usage: counted }),
      ...(finish === undefined ? {} : { finish }),
    }
  }

  #count(usage: unknown): void {
    if (!isRecord(usage)) return
    for (const [name, value] of Object.entries(usage)) if (value !== null) this.#counted[name] = value
  }

  /** Tokens that came from the cache, or went into it, are not among their `input_tokens`. */
  #usage(): Usage | undefined {
    const count = (name: string): number => {
      const value = this.#counted[name]
      return typeof value === 'number' ? value : 0
    }
    if (!('output_tokens' in this.#counted)) return undefined
    const details = this.#counted['output_tokens_details']
    const thought = isRecord(details) ? details['thinking_tokens'] : undefined
    const cached = count('cache_read_input_tokens')
    return {
      promptTokens: count('input_tokens') + cached + count('cache_creation_input_tokens'),
      completionTokens: count('output_tokens'),
      ...('cache_read_input_tokens' in this.#counted ? { cachedTokens: cached } : {}),
      ...(typeof thought === 'number' ? { reasoningTokens: thought } : {}),
      estimated: false,
    }
  }
}

function finishOf(reason: unknown): Chunk['finish'] {
  switch (reason) {
    case 'end_turn':
    case 'stop_sequence':
      return 'stop'
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length'
    case 'tool_use':
      return 'tools'
    case 'refusal':
      return 'filter'
    default:
      return typeof reason === 'string' ? 'other' : undefined
  }
}
