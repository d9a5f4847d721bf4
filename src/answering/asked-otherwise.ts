// The same question in other words gets the words that a model said to the first one, when nothing speaks against it: the
// guards agree, it is the same model under the same rules, nothing was said before on either side, and every passage that
// the answer cites stands unchanged among those found now. They are cited by today's numbers and checked like any other
// words.

import { createHash } from 'node:crypto'
import { newStatistics } from '../cache/statistics.ts'
import type { Caching } from '../caching.ts'
import type { CachedWords, Passage } from '../core/question.ts'
import { childCall } from '../core/call.ts'
import type { Call } from '../core/station.ts'
import type { ChatModel, ChatRequest, Embedder } from '../models/model.ts'
import { SpanTimer } from '../observe/span.ts'
import type { Options } from '../options.ts'
import { AskedBefore } from '../semantic/asked-before.ts'
import { read } from '../semantic/reading.ts'
import { likenessBy, type Likeness, type Sketch } from '../semantic/likeness.ts'
import type { AskOnce, StepTelling } from '../stations/generate/step.ts'
import { MarkerScanner } from '../stations/verify/markers.ts'
import { phrasesFor } from './phrases.ts'
import { conversationTag, type Asking, type Remembered } from './remembered.ts'

/** What is kept of an answer. */
interface Kept {
  text: string
  /** Number in the text → the passage as the model was shown it. */
  cited: ReadonlyMap<number, string>
  usage?: CachedWords['usage']
  /** The conversation it was written for, if any, as {@link conversationTag} names it. */
  conversation?: string
}

/** Time for the question's vector. Most were made for the search already. */
const sketchMs = 1_000
/** A longer answer is not kept: it would fill memory that is meant for many. */
const longest = 20_000

export interface OtherwiseOptions {
  /** Lists it beside the answers it adds to, so that they are counted and cleared together. */
  caching: Pick<Caching, 'add' | 'level'>
  /** Where answers to the very same request come from, and where all others are asked for. */
  remembered: Remembered
  /** The one whose vectors are in use now; without one, questions are compared by words. */
  embedder: () => Embedder | undefined
  options: Pick<Options, 'cache'>
}

/** Adds answers to questions that were asked in other words. */
export function askedOtherwise({ caching, remembered, embedder, options: { cache } }: OtherwiseOptions): Remembered {
  let hits = 0
  // Loads the dictionary of Chinese now, and not while somebody waits.
  read('词典')
  let likeness: Likeness | undefined
  let asked: AskedBefore<Kept> | undefined

  /** Those of the embedder in use; vectors of another one do not compare. */
  function current(): { likeness: Likeness; asked: AskedBefore<Kept> } {
    const used = embedder()
    if (!likeness || !asked || (used?.id ?? likenessBy().name) !== likeness.name) {
      likeness = likenessBy(used)
      asked = new AskedBefore({ likeness, threshold: cache.semanticThreshold, ttlMs: cache.answerHours * 3_600_000 })
    }
    return { likeness, asked }
  }

  const hearing = (source: AskOnce, { sessionId, anew = false }: Asking): AskOnce =>
    async function* heard(model, request, telling, call) {
      const scope = scopeOf(model, request, telling)
      if (scope === undefined) return yield* source(model, request, telling, call)
      const { likeness, asked } = current()
      const sketch = await sketchOf(likeness, telling.question, call)
      if (sketch && !anew) {
        const timer = new SpanTimer(call, { station: 'generate', place: 'cache' })
        for (const candidate of asked.candidates(call.tenant, scope, sketch)) {
          const text = retold(candidate.answer, telling)
          if (text === undefined) continue
          hits += 1
          asked.used(call.tenant, scope, candidate)
          const { at, answer, sketch: other } = candidate
          const ageMs = Math.max(0, Date.now() - at)
          const { included, promptTokens } = telling.prompt
          yield { type: 'prompt', included, promptTokens }
          yield { type: 'text-delta', text }
          timer.text()
          timer.done(phrasesFor(telling.question).remembered(ageMs))
          const usage = answer.usage ? { usage: answer.usage } : {}
          return {
            text,
            none: false,
            calls: [],
            reason: 'stop',
            cached: { at, ageMs, question: other.question, ...usage },
          }
        }
      }
      const step = yield* source(model, request, telling, call)
      const cited = citedIn(step.text, telling)
      const own = step.model === undefined && step.reason === 'stop' && !step.none
      const whole = own && step.calls.length === 0 && step.text.length <= longest
      // What cites nothing rests on nothing that could be seen to have changed.
      if (sketch && whole && cited.size > 0) {
        const usage = step.usage ?? step.cached?.usage
        const answer: Kept = {
          text: step.text,
          cited,
          ...(usage ? { usage } : {}),
          ...(sessionId === undefined ? {} : { conversation: conversationTag(call.tenant, sessionId) }),
        }
        asked.keep(call.tenant, scope, sketch, answer, step.cached?.at)
      }
      return step
    }

  const clear = (): void => asked?.clear()
  const forget = (conversation: string): void => asked?.forget((answer) => answer.conversation === conversation)
  // Other processes share the level and not this memory; whoever missed their news keeps nothing.
  const stopListening = caching.level.onInvalidated((what) => {
    if ('key' in what) return
    if (!('tags' in what) || what.tags.includes('*answers')) clear()
    else what.tags.forEach(forget)
  })
  caching.add('answers', {
    stats: () => ({ ...newStatistics(), memoryHits: hits, size: asked?.size ?? 0, bytes: 0 }),
    clear: () => Promise.resolve(clear()),
  })
  return {
    asking: (asking = {}) => hearing(remembered.asking(asking), asking),
    async forget(tenant, sessionId) {
      forget(conversationTag(tenant, sessionId))
      await remembered.forget(tenant, sessionId)
    },
    [Symbol.dispose]() {
      stopListening()
      clear()
    },
  }
}

/**
 * All that must be the same besides question and passages: the model, the rules and the tools it is given. Undefined where
 * an answer leans on more: on earlier turns, or on what tools returned.
 */
function scopeOf({ name }: ChatModel, request: ChatRequest, { prompt, number }: StepTelling): string | undefined {
  const { messages, firstTokenMs: _, budgetMs: __, maxTokens: ___, ...how } = request
  const [rules] = messages
  if (number !== 1 || !prompt.alone || !rules) return undefined
  const shown = JSON.stringify([name, rules.content.replaceAll(prompt.boundary, ''), how])
  return createHash('sha256').update(shown).digest('base64url')
}

/** Undefined when the embedder fails or is late: then the question is asked like any other. */
async function sketchOf(likeness: Likeness, question: string, call: Call): Promise<Sketch | undefined> {
  using limited = childCall(call, { budgetMs: sketchMs })
  try {
    const [sketch] = await likeness.sketch([question], limited)
    return sketch
  } catch {
    call.signal.throwIfAborted()
    return undefined
  }
}

/** The passages that a text cites, by its numbers. */
function citedIn(text: string, telling: StepTelling): Map<number, string> {
  const shown = shownPassages(telling)
  const cited = new Map<number, string>()
  for (const number of tokensOf(text).flatMap((token) => (token.kind === 'marker' ? token.numbers : []))) {
    const passage = shown[number - 1]
    if (passage !== undefined) cited.set(number, passage)
  }
  return cited
}

/** The text with today's numbers; undefined when something it cites is not there as it was. */
function retold({ text, cited }: Kept, telling: StepTelling): string | undefined {
  const shown = shownPassages(telling)
  const now = new Map<number, number>()
  for (const [number, passage] of cited) {
    const place = shown.indexOf(passage)
    if (place < 0) return undefined
    now.set(number, place + 1)
  }
  return tokensOf(text)
    .map((token) =>
      token.kind === 'marker'
        ? token.numbers
            .map((number) => now.get(number))
            .map((to) => (to ? `[${to}]` : ''))
            .join('')
        : token.text,
    )
    .join('')
}

function tokensOf(text: string) {
  const scanner = new MarkerScanner()
  return [...scanner.push(text), ...scanner.end()]
}

/** The passages in the prompt, as far as the model sees them. */
function shownPassages({ passages, prompt }: StepTelling): string[] {
  return passages.slice(0, prompt.included).map(fingerprint)
}

function fingerprint({ documentId, title, documentName, headings, page, prefix, text }: Passage): string {
  return JSON.stringify([documentId, title, documentName, headings, page, prefix, text])
}
