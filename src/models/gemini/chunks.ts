// Reads the chunks of Gemini's stream: parts of text, thoughts and calls, what was counted, and why it ended.
// https://ai.google.dev/api/generate-content#GenerateContentResponse

import type { Usage } from '../../core/question.ts'
import type { ChunkReader } from '../chunk-stream.ts'
import type { Chunk } from '../chat-wire.ts'
import { isRecord } from '../failure.ts'
import type { Keepsakes } from '../keepsakes.ts'
import type { Signed } from './contents.ts'

export class ContentReader implements ChunkReader {
  readonly #keepsakes: Keepsakes<Signed>
  #calls = 0

  /** Signatures are kept there for the calls that they came with. */
  constructor(keepsakes: Keepsakes<Signed>) {
    this.#keepsakes = keepsakes
  }

  *read(value: Record<string, unknown>): Generator<Chunk, void, undefined> {
    const candidate: unknown = Array.isArray(value['candidates']) ? value['candidates'][0] : undefined
    const content = isRecord(candidate) ? candidate['content'] : undefined
    const parts: unknown = isRecord(content) ? content['parts'] : undefined
    for (const part of (Array.isArray(parts) ? parts : []).filter(isRecord)) yield* this.#part(part)
    const usage = readUsage(value['usageMetadata'])
    const feedback = value['promptFeedback']
    const blocked = isRecord(feedback) && typeof feedback['blockReason'] === 'string'
    const finish = blocked ? 'filter' : finishOf(isRecord(candidate) ? candidate['finishReason'] : undefined)
    if (usage === undefined && finish === undefined) return
    yield {
      text: '',
      reasoning: '',
      ...(usage === undefined ? {} : { usage }),
      ...(finish === undefined ? {} : { finish }),
    }
  }

  *#part(part: Record<string, unknown>): Generator<Chunk, void, undefined> {
    const { text, thought, functionCall: call, thoughtSignature: signature } = part
    if (typeof text === 'string' && text !== '')
      yield thought === true ? { text: '', reasoning: text } : { text, reasoning: '' }
    if (!isRecord(call) || typeof call['name'] !== 'string') return
    const named = typeof call['id'] === 'string' && call['id'] !== ''
    const id = named ? String(call['id']) : `call_${crypto.randomUUID()}`
    this.#keepsakes.keep(id, { named, ...(typeof signature === 'string' ? { signature } : {}) })
    const args = isRecord(call['args']) ? call['args'] : {}
    const piece = { index: this.#calls++, id, name: call['name'], arguments: JSON.stringify(args) }
    yield { text: '', reasoning: '', calls: [piece] }
  }
}

/** Thoughts are counted beside the answer; both are paid for as such. */
function readUsage(value: unknown): Usage | undefined {
  if (!isRecord(value) || typeof value['promptTokenCount'] !== 'number') return undefined
  const count = (name: string): number => (typeof value[name] === 'number' ? value[name] : 0)
  return {
    promptTokens: count('promptTokenCount') + count('toolUsePromptTokenCount'),
    completionTokens: count('candidatesTokenCount') + count('thoughtsTokenCount'),
    ...('cachedContentTokenCount' in value ? { cachedTokens: count('cachedContentTokenCount') } : {}),
    ...('thoughtsTokenCount' in value ? { reasoningTokens: count('thoughtsTokenCount') } : {}),
    estimated: false,
  }
}

function finishOf(reason: unknown): Chunk['finish'] {
  switch (reason) {
    case 'STOP':
      return 'stop'
    case 'MAX_TOKENS':
      return 'length'
    case 'SAFETY':
    case 'RECITATION':
    case 'LANGUAGE':
    case 'BLOCKLIST':
    case 'PROHIBITED_CONTENT':
    case 'SPII':
    case 'IMAGE_SAFETY':
    case 'MODEL_ARMOR':
      return 'filter'
    case 'MALFORMED_FUNCTION_CALL':
    case 'UNEXPECTED_TOOL_CALL':
    case 'TOO_MANY_TOOL_CALLS':
    case 'MALFORMED_RESPONSE':
    case 'MISSING_THOUGHT_SIGNATURE':
      return 'error'
    default:
      return typeof reason === 'string' ? 'other' : undefined
  }
}
