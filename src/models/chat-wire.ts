// What one chunk or one whole answer of /chat/completions says, in our events. Knows the small differences between
// servers: text as a string or as parts, reasoning under several names, usage in the last chunk or beside it, calls of
// tools whole or in pieces.

import type { Usage } from '../core/question.ts'
import { isRecord } from './failure.ts'
import type { FinishReason } from './model.ts'
import { callPieces } from './tool-calls.ts'
import type { CallPiece } from './tool-calls.ts'

export interface Chunk {
  text: string
  reasoning: string
  /** Pieces of calls, when there are any. */
  calls?: CallPiece[]
  finish?: FinishReason | 'error'
  usage?: Usage
}

/** Reads a chunk of a stream, or a whole answer. Unknown fields are ignored. */
export function readChunk(value: unknown): Chunk {
  const chunk: Chunk = { text: '', reasoning: '' }
  if (!isRecord(value)) return chunk
  const usage =
    readUsage(value['usage']) ?? (isRecord(value['x_groq']) ? readUsage(value['x_groq']['usage']) : undefined)
  if (usage !== undefined) chunk.usage = usage
  const choice: unknown = Array.isArray(value['choices']) ? value['choices'][0] : undefined
  if (!isRecord(choice)) return chunk
  const said = isRecord(choice['delta']) ? choice['delta'] : isRecord(choice['message']) ? choice['message'] : undefined
  if (said === undefined) chunk.text = typeof choice['text'] === 'string' ? choice['text'] : ''
  else {
    chunk.text = textOf(said['content'])
    // A refusal is what the model says to the user.
    if (chunk.text === '' && typeof said['refusal'] === 'string') chunk.text = said['refusal']
    for (const name of ['reasoning_content', 'reasoning', 'thinking'])
      if (chunk.reasoning === '' && typeof said[name] === 'string') chunk.reasoning = said[name]
    const calls = callPieces(said)
    if (calls.length > 0) chunk.calls = calls
  }
  const finish = finishOf(choice['finish_reason'])
  if (finish !== undefined) chunk.finish = finish
  return chunk
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part) => (isRecord(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('')
}

function readUsage(value: unknown): Usage | undefined {
  if (!isRecord(value)) return undefined
  const prompt = value['prompt_tokens']
  const completion = value['completion_tokens']
  if (typeof prompt !== 'number' || typeof completion !== 'number') return undefined
  const cached = cachedTokensIn(value)
  const reasoning = detailOf(value['completion_tokens_details'], 'reasoning_tokens') ?? value['reasoning_tokens']
  return {
    promptTokens: prompt,
    completionTokens: completion,
    ...(cached === undefined ? {} : { cachedTokens: cached }),
    ...(typeof reasoning === 'number' ? { reasoningTokens: reasoning } : {}),
    estimated: false,
  }
}

/** How much of the prompt a usage says was in a cache: as OpenAI says it, or as DeepSeek does. */
export function cachedTokensIn(usage: Record<string, unknown>): number | undefined {
  const said = detailOf(usage['prompt_tokens_details'], 'cached_tokens') ?? usage['prompt_cache_hit_tokens']
  return typeof said === 'number' ? said : undefined
}

function detailOf(details: unknown, name: string): unknown {
  return isRecord(details) ? details[name] : undefined
}

function finishOf(value: unknown): Chunk['finish'] {
  if (typeof value !== 'string' || value === '') return undefined
  switch (value) {
    case 'stop':
    case 'eos':
    case 'eos_token':
    case 'stop_sequence':
    case 'end_turn':
      return 'stop'
    case 'length':
    case 'max_tokens':
      return 'length'
    case 'content_filter':
    case 'safety':
    case 'sensitive':
      return 'filter'
    case 'tool_calls':
    case 'tool_call':
    case 'tool_use':
    case 'function_call':
      return 'tools'
    case 'error':
    case 'network_error':
      return 'error'
    default:
      return 'other'
  }
}
