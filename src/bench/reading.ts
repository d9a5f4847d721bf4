// Reads the events of a streamed answer and keeps what the measures need: when content came, and what the end says.

import { parsed, problemIn } from '../models/failure.ts'
import type { ServerSentEvent } from '../models/sse.ts'
import { estimatedTokens } from './workload.ts'

/** What has been read of one answer so far. */
export class Reading {
  firstTokenMs: number | undefined
  lastTokenMs: number | undefined
  readonly gapsMs: number[] = []
  /** Characters of content, reasoning and tool arguments. */
  characters = 0
  usage: { promptTokens: number; outputTokens: number; cachedTokens: number } | undefined
  finishReason: string | undefined
  error: string | undefined
  /** Whether the answer said that it is over. */
  ended = false
  readonly stages: { stage: string; ms: number }[] = []
  answerId: string | undefined
  /** Whether the server said that it is simulated, which gateways before it need not say of themselves. */
  simulated = false

  /** Content came in one piece; `characters` may be more than one token's. */
  content(atMs: number, characters: number): void {
    if (characters === 0) return
    this.characters += characters
    this.firstTokenMs ??= atMs
    if (this.lastTokenMs !== undefined) this.gapsMs.push(Math.round((atMs - this.lastTokenMs) * 1000) / 1000)
    this.lastTokenMs = atMs
  }

  /** Output tokens, and where the number comes from. */
  get tokens(): { outputTokens: number; tokensFrom: 'usage' | 'estimated' } {
    return this.usage
      ? { outputTokens: this.usage.outputTokens, tokensFrom: 'usage' }
      : { outputTokens: estimatedTokens(this.characters), tokensFrom: 'estimated' }
  }
}

/** Takes one event of an answer; `atMs` is when its bytes came. */
export type EventReader = (reading: Reading, event: ServerSentEvent, atMs: number) => void

/** Chat completion chunks of the OpenAI protocol, and the whole object of an answer that is not streamed. */
export const readOpenAi: EventReader = (reading, { event, data }, atMs) => {
  if (data === '[DONE]') {
    reading.ended = true
    return
  }
  const value = parsed(data)
  const problem = problemIn(value)
  if (event === 'error' || problem || !isRecord(value)) {
    reading.error ??= problem?.message.slice(0, 300) ?? 'An event of the stream is no JSON object.'
    return
  }
  const choice: unknown = Array.isArray(value['choices']) ? value['choices'][0] : undefined
  if (isRecord(choice)) {
    const said = choice['delta'] ?? choice['message']
    if (isRecord(said)) reading.content(atMs, contentOf(said))
    if (typeof choice['finish_reason'] === 'string') {
      reading.finishReason = choice['finish_reason']
      reading.ended = true
    }
  }
  const { usage, system_fingerprint: fingerprint } = value
  if (typeof fingerprint === 'string' && /simulat/i.test(fingerprint)) reading.simulated = true
  if (!isRecord(usage)) return
  const details = usage['prompt_tokens_details']
  reading.usage = {
    promptTokens: count(usage['prompt_tokens']),
    outputTokens: count(usage['completion_tokens']),
    cachedTokens: isRecord(details) ? count(details['cached_tokens']) : 0,
  }
}

/** The events of POST /v1/ask. */
export const readAndon: EventReader = (reading, { event, data }, atMs) => {
  const value = parsed(data)
  if (!isRecord(value)) {
    reading.error ??= 'An event of the answer is no JSON object.'
    return
  }
  switch (event) {
    case 'answer-start':
      if (typeof value['id'] === 'string') reading.answerId = value['id']
      return
    case 'stage-end':
      if (typeof value['stage'] === 'string' && typeof value['ms'] === 'number')
        reading.stages.push({ stage: value['stage'], ms: value['ms'] })
      return
    case 'text-delta':
      if (typeof value['text'] === 'string') reading.content(atMs, value['text'].length)
      return
    case 'usage': {
      const { usage } = value
      // An estimate of the other side is no better than one of ours.
      if (isRecord(usage) && usage['estimated'] === false)
        reading.usage = {
          promptTokens: count(usage['promptTokens']),
          outputTokens: count(usage['completionTokens']),
          cachedTokens: count(usage['cachedTokens']),
        }
      return
    }
    case 'error':
    case 'answer-failed': {
      const detail = value['detail'] ?? value['title'] ?? problemIn(value)?.message
      reading.error ??= typeof detail === 'string' ? detail.slice(0, 300) : 'The answer failed.'
      return
    }
    case 'answer-end':
      reading.ended = true
  }
}

function contentOf(delta: Record<string, unknown>): number {
  let characters = 0
  for (const name of ['content', 'reasoning', 'reasoning_content']) {
    const text = delta[name]
    if (typeof text === 'string') characters += text.length
  }
  const { tool_calls: calls } = delta
  if (Array.isArray(calls) && calls.length > 0) characters += JSON.stringify(calls).length
  return characters
}

function count(value: unknown): number {
  return typeof value === 'number' && value >= 0 ? value : 0
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
