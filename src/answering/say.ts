// Says the answer: in a model's words, checked as they come; or in the documents' own sentences, when there is no model
// or it fails. A model that fails in the middle leaves its checked part, and the documents go on from there.

import { remaining } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { AnswerEvent, Citation, Confidence, Degradation, Passage, Turn, Usage } from '../core/question.ts'
import type { Call, Station } from '../core/station.ts'
import type { Findings } from './find.ts'
import type { ChatModel } from '../models/model.ts'
import type { Options } from '../options.ts'
import type { Order } from './order.ts'
import type { Phrases } from './phrases.ts'
import { composeExtract } from '../stations/generate/extract-answer.ts'
import { generate } from '../stations/generate/generate.ts'
import type { CheckInput, Checked } from '../stations/verify/check.ts'
import { verify } from '../stations/verify/verify.ts'
import type { Meant } from './understand.ts'

export interface SayingParts {
  /** Checks one sentence against the passages. */
  check: Station<CheckInput, Checked>
  options: Pick<Options, 'models'>
}

/** What was said. */
export interface Said {
  text: string
  mode: 'generated' | 'extractive'
  /** Whether it is a whole answer: a model that failed in the middle leaves a part. */
  complete: boolean
  confidence: Confidence
  citations: Citation[]
  unsupported: number
  citationsRemoved: number
  usage?: Usage
}

/** Kept free at the end, so that an answer whose model was too slow still quotes the documents in time. */
const reserveMs = 300
/** With less time than this, a model is not asked. */
const worthMs = 500

/**
 * Lets the model write, and checks each sentence. Undefined when it said nothing: when there is nothing to say it from,
 * too little time, or the model failed first. That is told to the caller as a degradation.
 */
export async function* sayGenerated(
  findings: Findings,
  turns: Turn[],
  model: ChatModel,
  call: Call,
  order: Order,
  parts: SayingParts,
): AsyncGenerator<AnswerEvent, Said | undefined> {
  const passages = findings.passages.map(({ passage }) => passage)
  if (passages.length === 0) return undefined
  const time = remaining(call) - reserveMs
  if (time < worthMs) {
    order.skipped.push('generate')
    yield* order.degrade({
      reason: 'out-of-time',
      message: order.phrases.outOfTime,
    })
    return undefined
  }
  const { firstTokenMs, budgetMs } = parts.options.models
  const budgets = { firstTokenMs: Math.min(firstTokenMs, time), budgetMs: Math.min(budgetMs, time) }
  let failure: AndonError | undefined
  let usage: Usage | undefined
  let refused = false

  /** The model's words; a failure ends them, so that what was said until then is still checked. */
  async function* words(): AsyncGenerator<string> {
    try {
      for await (const event of generate({ question: findings.text, passages, history: turns, model, call, budgets })) {
        if (event.type === 'text-delta') yield event.text
        if (event.type === 'no-answer') refused = true
        if (event.type === 'finish') usage = event.usage
      }
    } catch (reason) {
      call.signal.throwIfAborted()
      failure = AndonError.from(reason, 'unavailable')
    }
  }

  const verified = yield* verify(words(), { passages, check: parts.check, call })
  if (failure) yield* order.degrade(degradationOf(failure, model, verified.text !== '', order.phrases))
  if (failure && verified.text === '') return undefined
  const sure = verified.citations.length > 0 && verified.unsupported === 0
  return {
    ...verified,
    mode: 'generated',
    complete: failure === undefined,
    confidence: refused ? 'refused' : sure ? 'answered' : 'uncertain',
    ...(usage ? { usage } : {}),
  }
}

function degradationOf(failure: AndonError, model: ChatModel, begun: boolean, phrases: Phrases): Degradation {
  return failure.code === 'deadline'
    ? { reason: 'model-slow', message: phrases.modelSlow(model.name, begun) }
    : { reason: 'model-failed', message: phrases.modelFailed(failure.sentence.replace(/\.$/, ''), begun) }
}

/** Quotes the documents: the whole answer, or what follows the part that a model left. */
export async function* sayExtract(
  meant: Meant,
  findings: Findings,
  part: Said | undefined,
): AsyncGenerator<AnswerEvent, Said> {
  const passages = new Map<string, Passage>(findings.passages.map(({ passage }) => [passage.id, passage]))
  const before = part ? `${part.text}\n\n` : ''
  const citedBefore = part?.citations ?? []
  const composed = composeExtract(meant.asked, findings.extraction, passages, citedBefore.length)
  yield { type: 'text-delta', text: part ? `\n\n${composed.text}` : composed.text }
  for (const [at, citation] of composed.citations.entries())
    yield { type: 'citation', marker: citedBefore.length + at + 1, citation }
  return {
    text: before + composed.text,
    mode: part ? 'generated' : 'extractive',
    complete: true,
    confidence: composed.confidence,
    citations: [...citedBefore, ...composed.citations],
    unsupported: part?.unsupported ?? 0,
    citationsRemoved: part?.citationsRemoved ?? 0,
    ...(part?.usage ? { usage: part.usage } : {}),
  }
}
