// Writes the answer with a model: prompt in, pieces of text out as they come. It fails loudly, before or in the middle;
// what to do then is the caller's to decide.

import { AndonError } from '../../core/errors.ts'
import type { Passage, Turn, Usage } from '../../core/question.ts'
import type { Call } from '../../core/station.ts'
import { chatAsSpan } from '../../models/chat-span.ts'
import type { ChatModel, ChatRequest, FinishReason } from '../../models/model.ts'
import { estimateTokens } from '../../text/tokens.ts'
import type { GenerateBudgets } from './budget.ts'
import { LinkFilter } from './links.ts'
import { buildPrompt, noAnswerMark } from './prompt.ts'
import type { Prompt } from './prompt.ts'

export interface GenerateInput {
  /** The whole question, as it stands after the conversation was taken into account. */
  question: string
  /** Best first. `[n]` in the answer means `passages[n - 1]`. */
  passages: Passage[]
  /** Earlier turns, oldest first. Default: none. */
  history?: Turn[]
  model: ChatModel
  call: Call
  budgets?: GenerateBudgets
}

/** What happens, in order: `prompt`, then text with perhaps one `no-answer`, then `finish`. */
export type GenerateEvent =
  /** The first `included` passages are in the prompt. */
  | { type: 'prompt'; included: number; promptTokens: number }
  | { type: 'text-delta'; text: string }
  /** The model says that the passages do not answer; its sentence follows as text. */
  | { type: 'no-answer' }
  | { type: 'finish'; reason: FinishReason; usage: Usage; linksRemoved: number }

/**
 * Streams an answer. Throws an AndonError when the model fails before or during it: `deadline` when it is slower than
 * its budgets (or the call's own deadline passed: then `call.signal` has aborted), `overloaded`, `unavailable` or
 * `invalid` otherwise. An answer without any text is `unavailable`. A prompt that turns out too large for the model is
 * tried once more at half its size, as long as nothing was said.
 */
export async function* generate(input: GenerateInput): AsyncGenerator<GenerateEvent, void, undefined> {
  const prompt = promptOf(input, input.budgets ?? {})
  let said = false
  try {
    for await (const event of written(input, prompt)) {
      said ||= event.type === 'text-delta'
      yield event
    }
  } catch (reason) {
    if (said || !(reason instanceof AndonError) || reason.code !== 'too-large') throw reason
    yield* written(
      input,
      promptOf(input, {
        ...input.budgets,
        passageTokens: Math.floor(prompt.passageTokens / 2),
        answerTokens: Math.floor(prompt.answerTokens / 2),
        historyTokens: 0,
      }),
      2,
    )
  }
}

function promptOf(input: GenerateInput, budgets: GenerateBudgets): Prompt {
  const { question, passages, history, model } = input
  return buildPrompt({
    question,
    passages,
    budgets,
    ...(history === undefined ? {} : { history }),
    ...(model.contextTokens === undefined ? {} : { modelContext: model.contextTokens }),
  })
}

async function* written(
  input: GenerateInput,
  prompt: Prompt,
  attempt = 1,
): AsyncGenerator<GenerateEvent, void, undefined> {
  const { question, passages, model, call, budgets = {} } = input
  const request: ChatRequest = {
    messages: prompt.messages,
    maxTokens: prompt.answerTokens,
    // The passages hold the answer; there is nothing to be inventive about.
    temperature: 0,
    ...(budgets.firstTokenMs === undefined ? {} : { firstTokenMs: budgets.firstTokenMs }),
    ...(budgets.budgetMs === undefined ? {} : { budgetMs: budgets.budgetMs }),
  }
  const links = new LinkFilter(
    passages
      .slice(0, prompt.included)
      .map((passage) => passage.text)
      .concat(question),
  )
  const head = new AnswerHead()
  const secret = new BoundaryWatch(prompt.boundary)
  let announced = false
  let said = ''
  let usage: Usage | undefined
  let finish: FinishReason = 'other'

  const pieces = function* (text: string): Generator<GenerateEvent, void, undefined> {
    if (text === '') return
    said += text
    yield { type: 'text-delta', text }
  }
  for await (const event of chatAsSpan(model, request, call, { station: 'generate', attempt })) {
    if (!announced) {
      announced = true
      yield { type: 'prompt', included: prompt.included, promptTokens: prompt.promptTokens }
    }
    if (event.type === 'usage') usage = event.usage
    if (event.type === 'finish') finish = event.reason
    if (event.type !== 'text-delta') continue
    const wasNone = head.none
    const text = head.push(secret.push(event.text))
    if (head.none && !wasNone) yield { type: 'no-answer' }
    yield* pieces(links.push(text))
  }
  yield* pieces(links.push(head.push(secret.end()) + head.end()) + links.end())
  if (said.trim() === '' && !head.none)
    throw new AndonError('unavailable', `The model ${model.name} answered without a word (it ended with "${finish}").`)
  yield {
    type: 'finish',
    reason: finish,
    linksRemoved: links.removed,
    usage: usage ?? {
      promptTokens: prompt.promptTokens,
      completionTokens: estimateTokens(said),
      estimated: true,
    },
  }
}

/** Tells whether the answer begins with the mark for "the passages do not say", and takes the mark out. */
class AnswerHead {
  none = false
  #held: string | undefined = ''
  /** The mark was taken out, and what follows it up to the first word goes too. */
  #trimming = false

  push(text: string): string {
    if (this.#held === undefined) return this.#trimmed(text)
    this.#held += text
    const start = this.#held.trimStart()
    if (start.length < noAnswerMark.length && noAnswerMark.startsWith(start.toLowerCase())) return ''
    return this.#release()
  }

  end(): string {
    return this.#held === undefined ? '' : this.#release()
  }

  #release(): string {
    const start = (this.#held ?? '').trimStart()
    this.#held = undefined
    if (!start.toLowerCase().startsWith(noAnswerMark)) return start
    this.none = true
    this.#trimming = true
    return this.#trimmed(start.slice(noAnswerMark.length))
  }

  #trimmed(text: string): string {
    if (!this.#trimming) return text
    const rest = text.replace(/^[\s:：,，.。–—-]+/, '')
    this.#trimming = rest === ''
    return rest
  }
}

/** Takes the prompt's fences out of an answer that repeats them, however they are cut. */
class BoundaryWatch {
  readonly #boundary: string
  #held = ''

  constructor(boundary: string) {
    this.#boundary = boundary
  }

  push(text: string): string {
    this.#held = (this.#held + text).replaceAll(this.#boundary, '')
    let keep = Math.min(this.#held.length, this.#boundary.length - 1)
    while (keep > 0 && !this.#boundary.startsWith(this.#held.slice(-keep))) keep--
    const out = this.#held.slice(0, this.#held.length - keep)
    this.#held = this.#held.slice(this.#held.length - keep)
    return out
  }

  end(): string {
    const rest = this.#held
    this.#held = ''
    return rest
  }
}
