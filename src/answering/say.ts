// Says the answer: in a model's words, checked as they come; or in the documents' own sentences, when there is no model
// or it fails. A model that fails in the middle leaves its checked part, and the documents go on from there.

import { childCall, remaining } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type {
  AnswerEvent,
  AskedCall,
  CachedWords,
  Citation,
  Confidence,
  Degradation,
  Passage,
  Question,
  RecomputedFigure,
  Usage,
} from '../core/question.ts'
import type { Call, Station } from '../core/station.ts'
import type { Findings } from './find.ts'
import type { ChatModel } from '../models/model.ts'
import { noteSpan } from '../observe/span.ts'
import type { Options } from '../options.ts'
import type { Order } from './order.ts'
import { placesOf } from './places.ts'
import type { Phrases } from './phrases.ts'
import type { Remembered } from './remembered.ts'
import type { Conversation } from '../sessions/conversation.ts'
import { composeExtract } from '../stations/generate/extract-answer.ts'
import { generate } from '../stations/generate/generate.ts'
import type { AskOnce } from '../stations/generate/step.ts'
import { countsOnTools, toolsFor, type ToolingParts } from './tools.ts'
import type { CheckInput, Checked } from '../stations/verify/check.ts'
import { verify, type PassingEvent } from '../stations/verify/verify.ts'
import type { Meant } from './understand.ts'
import type { Library } from '../stores/store.ts'

export interface SayingParts extends ToolingParts {
  /** Checks one sentence against the passages. */
  check: Station<CheckInput, Checked>
  options: Pick<Options, 'models' | 'tools'>
  library: Pick<Library, 'places'>
  /** What models said before. Without it, a model is asked for every answer. */
  remembered?: Remembered | undefined
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
  /** Figures that were worked out again. */
  figures: RecomputedFigure[]
  usage?: Usage
  /** Calls of the caller's own tools, with which it ended. */
  toolCalls?: AskedCall[]
  /** Who said it, when a model did. */
  model?: string
  /** It was said to somebody else before. */
  cached?: CachedWords
}

/** What there is to say something to. */
export interface Saying {
  question: Question
  findings: Findings
  conversation: Conversation
  model: ChatModel
}

/** Kept free at the end, so that an answer whose model was too slow still quotes the documents in time. */
const reserveMs = 300
/** With less time than this, a model is not asked. */
const worthMs = 500

/**
 * Lets the model write, and call tools, and checks each sentence. Undefined when it said nothing: when there is nothing
 * to say it from, too little time, or the model failed first. That is told to the caller as a degradation.
 */
export async function* sayGenerated(
  { question, findings, conversation, model }: Saying,
  call: Call,
  order: Order,
  parts: SayingParts,
): AsyncGenerator<AnswerEvent, Said | undefined> {
  const tools = yield* toolsFor(question, model, call, order, parts)
  const { turns: history, recap, open } = conversation
  // All three grow by what tools bring.
  const places = new Map(findings.places)
  const passages = findings.passages.map(({ passage }) => passage)
  const extra: string[] = open.flatMap(({ role, text }) => (role === 'tool' ? text : []))
  if (passages.length === 0 && open.length === 0 && !tools) return undefined
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
  const budgets = {
    firstTokenMs: Math.min(firstTokenMs, time),
    budgetMs: Math.min(budgetMs, time),
    toolTokens: parts.options.tools.resultTokens,
  }
  // One request ends by itself in time; several, with tools between them, have to be ended together.
  using limited = tools && childCall(call, { budgetMs: time })
  let failure: AndonError | undefined
  let usage: Usage | undefined
  let toolCalls: AskedCall[] | undefined
  let by: string | undefined
  let cached: CachedWords | undefined
  let refused = false
  const ask = open.length > 0 ? undefined : askingOf(question, parts.remembered)

  /** The model's words, and what its tools do; a failure ends them, so that what was said until then is still checked. */
  async function* words(): AsyncGenerator<string | PassingEvent> {
    try {
      for await (const event of generate({
        question: findings.text,
        passages: [...passages],
        history,
        ...(recap === undefined ? {} : { before: recap }),
        open,
        ...(tools ? { tools } : {}),
        model,
        call: limited ?? call,
        budgets,
        ...(ask ? { ask } : {}),
      })) {
        switch (event.type) {
          case 'text-delta':
            yield event.text
            break
          case 'no-answer':
            refused = true
            break
          case 'step':
            refused = false
            noteSpan(call, 'generate', order.phrases.stepped(event.number, event.calls))
            break
          case 'sources':
            passages.push(...event.passages)
            for (const [id, place] of await placesOf(event.passages, call, parts.library)) places.set(id, place)
            if (event.text !== undefined) extra.push(event.text)
            break
          case 'tools-cut':
            if (event.why !== 'unable' || countsOnTools(question))
              yield* order.degrade({ reason: 'tools-cut', message: order.phrases.toolsCut[event.why](model.name) })
            break
          case 'tool-result':
            order.toolRuns.push({ id: event.id, name: event.name, ok: event.ok, ms: event.ms })
            yield event
            break
          case 'finish':
            ;({ usage, toolCalls, cached, model: by } = event)
            break
          case 'prompt':
            break
          default:
            yield event
        }
      }
    } catch (reason) {
      call.signal.throwIfAborted()
      failure = AndonError.from(reason, 'unavailable')
    }
  }

  const verified = yield* verify(words(), { passages, places, extra, check: parts.check, call })
  if (failure) yield* order.degrade(degradationOf(failure, model, verified.text !== '', order.phrases))
  if (failure && verified.text === '') return undefined
  const rests = verified.citations.length > 0 || order.toolRuns.some(({ ok }) => ok) || open.length > 0
  const sure = rests && verified.unsupported === 0 && !toolCalls
  return {
    ...verified,
    mode: 'generated',
    complete: failure === undefined,
    confidence: refused ? 'refused' : sure ? 'answered' : 'uncertain',
    model: by ?? model.name,
    ...(usage ? { usage } : {}),
    ...(toolCalls ? { toolCalls } : {}),
    ...(cached ? { cached } : {}),
  }
}

/** How the model is asked: another version of an answer is not one that was said before. */
function askingOf(
  { cache = true, retryOf, sessionId }: Question,
  remembered: Remembered | undefined,
): AskOnce | undefined {
  return remembered?.asking({ sessionId, anew: !cache || retryOf !== undefined })
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
  const composed = composeExtract(meant.asked, findings.extraction, passages, citedBefore.length, findings.places)
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
    figures: part?.figures ?? [],
    ...(part?.model === undefined ? {} : { model: part.model }),
    ...(part?.usage ? { usage: part.usage } : {}),
  }
}
