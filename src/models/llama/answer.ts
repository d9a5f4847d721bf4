// One answer: its prompt is computed in batches, between which a cancellation is heard; then tokens come one by one,
// together with those of the other sequences. The budget of tokens is counted before, so that the engine never has to
// push out the beginning of a conversation to make room for its end.

import { throwIfOver } from '../../core/call.ts'
import { AndonError } from '../../core/errors.ts'
import type { Call } from '../../core/station.ts'
import type { ChatEvent, FinishReason } from '../model.ts'
import type { ChatOrder } from './contract.ts'
import type { Grammar, HistoryItem } from './peer.ts'
import type { Seat } from './seats.ts'

/** Tokens that are computed at once, over all sequences. */
export const batchTokens = 512

/** Tokens of one prompt between two looks at its call: a CPU takes seconds for a large model's, and is no faster with more. */
const stepTokens = { cpu: 128, gpu: 512 } as const

export interface Draft {
  history: HistoryItem[]
  /** The same conversation, rendered. */
  tokens: number[]
  maxTokens: number
  order: ChatOrder
  grammar?: Grammar
  /** What it is computed on. */
  on: 'cpu' | 'gpu'
}

export interface Written {
  finish: FinishReason
  completionTokens: number
  /** Tokens of the prompt that did not have to be computed again. */
  cachedTokens: number
}

/** Writes it at this seat, calling back with each piece. Throws the call's reason when it is over before the end. */
export async function write(
  { history, tokens, maxTokens, order, grammar, on }: Draft,
  { sequence, chat }: Pick<Seat, 'sequence' | 'chat'>,
  call: Call,
  say: (event: ChatEvent) => void,
): Promise<Written> {
  // The last token is left for the first step of the answer.
  const end = tokens.length - 1
  await sequence.adaptStateToTokens(tokens.slice(0, end), false)
  const cachedTokens = sequence.nextTokenIndex
  const step = stepTokens[on]
  for (let from = cachedTokens; from < end; from += step) {
    throwIfOver(call)
    await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(from, Math.min(end, from + step)))
  }
  throwIfOver(call)
  const before = sequence.tokenMeter.usedOutputTokens
  const { temperature = 0, topP, seed, stop, thoughtTokens } = order
  const { metadata } = await chat.generateResponse(history, {
    signal: call.signal,
    maxTokens,
    temperature,
    ...(topP === undefined ? {} : { topP }),
    ...(seed === undefined ? {} : { seed }),
    ...(grammar === undefined ? {} : { grammar }),
    ...(stop === undefined || stop.length === 0 ? {} : { customStopTriggers: stop }),
    ...(thoughtTokens === undefined ? {} : { budgets: { thoughtTokens } }),
    repeatPenalty: false,
    contextShift: { strategy: outgrown },
    onResponseChunk: ({ segmentType, text }) => {
      if (text !== '') say({ type: segmentType === undefined ? 'text-delta' : 'reasoning-delta', text })
    },
  })
  return {
    finish: metadata.stopReason === 'maxTokens' ? 'length' : 'stop',
    completionTokens: sequence.tokenMeter.usedOutputTokens - before,
    cachedTokens,
  }
}

function outgrown(): never {
  throw new AndonError('too-large', 'The answer outgrew the context of the model: ask for fewer tokens.')
}
