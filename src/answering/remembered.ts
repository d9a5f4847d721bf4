// What a model said, remembered: the same request is made once, whoever of the tenant asks it and in whichever process,
// and its words are heard from the first one on. Only the words are kept. What they are checked against, cited to and
// answered in is each asker's own, so nothing unchecked is ever heard again. A document that changed changes the request,
// and with it the key.

import { createHash } from 'node:crypto'
import { cachedStream } from '../cache/cached-stream.ts'
import type { Caching } from '../caching.ts'
import { childCall, endCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import type { ChatModel, ChatRequest } from '../models/model.ts'
import { SpanTimer } from '../observe/span.ts'
import type { Options } from '../options.ts'
import { askOnce, type AskOnce, type Step, type StepEvent, type StepTelling } from '../stations/generate/step.ts'
import { EvenPieces } from './even-pieces.ts'
import { phrasesFor } from './phrases.ts'

/** Requests to a model that are remembered. */
export interface Remembered extends Disposable {
  /** How a model is asked for one answer. */
  asking(asking?: Asking): AskOnce
  /**
   * Nobody is given any more what was written for a conversation, in every process that shares the level. Rejects when the
   * level cannot be reached.
   */
  forget(tenant: string, sessionId: string): Promise<void>
}

/** How, and for whom. */
export interface Asking {
  /** The conversation that it is written for, if any: it is forgotten with that. */
  readonly sessionId?: string | undefined
  /**
   * Makes the request whatever is kept, and keeps what comes. Default: gives what was said to the same request, joins it
   * while it is said, or makes it.
   */
  readonly anew?: boolean
}

/** What a remembered request needs to be made. */
interface Asked {
  readonly model: ChatModel
  /** The model's name when it was asked: one that nobody named says its own with its first answer. */
  readonly name: string
  readonly request: ChatRequest
  readonly telling: StepTelling
  readonly sessionId: string | undefined
  /** Whether it was this asker's that was made. */
  made: boolean
}

/**
 * What is kept: the events of a request, and behind them what it came to. Nothing that differs when another process makes
 * the same request again: those who heard the first words of one that broke off hear on from the next.
 */
type Word =
  /** The prompt is each asker's own, with a fence of its own. */
  | { readonly type: 'begun' }
  | Exclude<StepEvent, { type: 'prompt' }>
  | ({ readonly type: 'said'; readonly at: number } & Omit<Step, 'text' | 'cached'>)

/** Change it when the words of a request are dealt with differently before they are kept. */
const version = '2'

/** An asker who waits as long as the model may take hears from the model's own client that it was too slow. */
const graceMs = 1_000

/** Opens what is kept of answers; undefined when the options say that nothing is. */
export function rememberAnswers(
  caching: Caching,
  { cache, models }: Pick<Options, 'cache' | 'models'>,
): Remembered | undefined {
  if (!cache.answers) return undefined
  // Whoever asks leaves in his own time; the request is made for all who wait for it.
  const { firstTokenMs, budgetMs } = models

  async function* make(asked: Asked, call: Call): AsyncGenerator<Word> {
    asked.made = true
    const { model, name, request, telling } = asked
    const events = askOnce(model, { ...request, firstTokenMs, budgetMs }, telling, call)
    const { text: _, calls, ...step } = yield* evenly(events)
    const ids = documentIds(telling)
    const said = calls.map((each) => ({ ...each, arguments: withoutIds(each.arguments, ids) }))
    const by = model.name === name ? {} : { model: model.name }
    yield { type: 'said', at: Date.now(), ...by, ...step, calls: said }
  }

  const words = caching.add(
    'answers',
    cachedStream(make, {
      name: 'answers',
      version,
      key: requestKey,
      scope: (_asked, call) => call.tenant,
      ttl: `${cache.answerHours}h`,
      // To read it from the level costs less than to check it again.
      l1: false,
      l2: caching.level,
      flight: { across: caching.shared ? 'cluster' : 'process', waitMax: budgetMs + 10 * graceMs },
      storeIf: worthKeeping,
      tags: (_words, { sessionId }, { tenant }) =>
        sessionId === undefined ? [] : [conversationTag(tenant, sessionId)],
    }),
  )

  const asking = ({ sessionId, anew = false }: Asking = {}): AskOnce =>
    async function* heard(model, request, telling, call) {
      const asked: Asked = { model, name: model.name, request, telling, sessionId, made: false }
      const beganAt = Date.now()
      const timer = new SpanTimer(call, { station: 'generate', place: 'cache' })
      const patience = (own: number, most: number): number => (own < most ? own : most + graceMs)
      using own = childCall(call, { budgetMs: patience(request.budgetMs ?? budgetMs, budgetMs) })
      const silence = setTimeout(
        () => endCall(own, new AndonError('deadline', `The model ${model.name} has not said a word in time`)),
        patience(request.firstTokenMs ?? firstTokenMs, firstTokenMs),
      )
      const ids = documentIds(telling)
      let text = ''
      let said: Extract<Word, { type: 'said' }> | undefined
      try {
        // To its end, behind which it is kept.
        for await (const word of anew ? words.renew(asked, own) : words(asked, own)) {
          clearTimeout(silence)
          if (word.type === 'said') said = word
          else if (word.type === 'begun') {
            const { included, promptTokens } = telling.prompt
            yield { type: 'prompt', included, promptTokens }
          } else {
            if (word.type === 'text-delta') {
              timer.text()
              text += word.text
            }
            yield word
          }
        }
      } catch (reason) {
        if (!asked.made) timer.failed(reason)
        throw reason
      } finally {
        clearTimeout(silence)
      }
      if (!said) throw new AndonError('unavailable', `What the model ${model.name} said is not whole: ask again`)
      const { none, reason, at } = said
      const calls = said.calls.map((each) => ({ ...each, arguments: withIds(each.arguments, ids) }))
      const step = { text, none, calls, reason, ...(said.model === undefined ? {} : { model: said.model }) }
      const usage = said.usage ? { usage: said.usage } : {}
      if (asked.made) return { ...step, ...usage }
      const ageMs = Math.max(0, beganAt - at)
      timer.done(phrasesFor(telling.question).remembered(ageMs))
      return { ...step, cached: { at, ageMs, ...usage } }
    }

  return {
    asking,
    forget: (tenant, sessionId) => words.invalidate({ tags: [conversationTag(tenant, sessionId)] }),
    [Symbol.dispose]: () => words[Symbol.dispose](),
  }
}

/** The events of a request as they come again when it is made again. A word that a failure cuts in two is left out. */
async function* evenly(events: ReturnType<AskOnce>): AsyncGenerator<Word, Step> {
  await using source = events
  const even = new EvenPieces()
  for (;;) {
    const next = await source.next()
    if (next.done !== true && next.value.type === 'text-delta') {
      for (const text of even.push(next.value.text)) yield { type: 'text-delta', text }
      continue
    }
    const text = even.end()
    if (text !== '') yield { type: 'text-delta', text }
    if (next.done === true) return next.value
    yield next.value.type === 'prompt' ? { type: 'begun' } : next.value
  }
}

/** What is kept of a conversation is invalidated by this; whose it is cannot be read in it. */
export function conversationTag(tenant: string, sessionId: string): string {
  const named = JSON.stringify([tenant, sessionId])
  return `conversation ${createHash('sha256').update(named).digest('base64url')}`
}

/**
 * All that the model is shown, and what it is. The fences of a prompt are random and documents have other ids in every
 * data directory; what stands for them is no text, since prompts hold no NUL.
 */
function requestKey({ name, request, telling }: Asked): unknown {
  const { firstTokenMs: _, budgetMs: __, ...shown } = request
  const text = JSON.stringify(shown).replaceAll(telling.prompt.boundary, '\0')
  return [name, withoutIds(text, documentIds(telling))]
}

/** Of the passages that are shown, in their order. */
function documentIds({ passages, prompt }: StepTelling): string[] {
  return [...new Set(passages.slice(0, prompt.included).map(({ documentId }) => documentId))]
}

function withoutIds(text: string, ids: readonly string[]): string {
  return ids.reduce((rest, id, at) => rest.replaceAll(id, `\0${at}\0`), text)
}

function withIds(text: string, ids: readonly string[]): string {
  return ids.reduce((rest, id, at) => rest.replaceAll(`\0${at}\0`, id), text)
}

/**
 * A whole answer that stands by itself, of the model that was asked: another one's is the best for now and no longer. One
 * that calls tools depends on what they return. One that found no answer is short and soon made again, and whoever got it
 * by mistake asks once more.
 */
function worthKeeping(last: Word | undefined): boolean {
  if (last?.type !== 'said' || last.model !== undefined) return false
  return last.reason === 'stop' && last.calls.length === 0 && !last.none
}
