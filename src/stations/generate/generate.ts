// Writes the answer with a model: prompt in, pieces of text out as they come. Where there are tools the model may call
// them, step by step, and goes on with what they return. It fails loudly, before or in the middle; what to do then is
// the caller's to decide.

import { AndonError } from '../../core/errors.ts'
import type { AskedCall, CachedWords, Passage, Turn, Usage } from '../../core/question.ts'
import type { Call } from '../../core/station.ts'
import type { ChatModel, ChatRequest, FinishReason } from '../../models/model.ts'
import type { GenerateBudgets } from './budget.ts'
import { LinkFilter } from './links.ts'
import { buildPrompt } from './prompt.ts'
import type { Prompt } from './prompt.ts'
import { Spending } from './spending.ts'
import { askOnce, type AskOnce, type Step, type StepEvent } from './step.ts'
import { ToolUse, toolsShown, type GivenTools, type ToolsCut, type ToolUseEvent } from './tool-use.ts'

export interface GenerateInput {
  /** The whole question, as it stands after the conversation was taken into account. */
  question: string
  /** Best first. `[n]` in the answer means `passages[n - 1]`. */
  passages: Passage[]
  /** Earlier turns, oldest first. Default: none. */
  history?: readonly Turn[]
  /** What was said before them, in short. Default: nothing. */
  before?: string
  /** Calls of the caller's own tools for this question, and what came of them. Default: none. */
  open?: readonly Turn[]
  /** What the model may call. Default: nothing. */
  tools?: GivenTools
  model: ChatModel
  call: Call
  budgets?: GenerateBudgets
  /** Makes the first request, which everybody with the same prompt makes. Default: by asking the model. */
  ask?: AskOnce
}

/** What happens, in order: `prompt`, then text with perhaps one `no-answer`, and what tools do, then `finish`. */
export type GenerateEvent =
  | StepEvent
  /** A request after which the model goes on: how many calls it asked for. `number` counts from 1. */
  | { type: 'step'; number: number; calls: number }
  | ToolUseEvent
  /** The model may call no more, or could not at all. */
  | { type: 'tools-cut'; why: ToolsCut }
  | Finish

/** The end of an answer. */
export interface Finish {
  type: 'finish'
  reason: FinishReason
  usage: Usage
  linksRemoved: number
  /** Who said it, where it was not the model that was asked. */
  model?: string
  /** The caller's to run. */
  toolCalls?: AskedCall[]
  /** All of it was said to somebody else: no request was made. */
  cached?: CachedWords
}

/**
 * Streams an answer. Throws an AndonError when the model fails before or during it: `deadline` when it is slower than
 * its budgets (or the call's own deadline passed: then `call.signal` has aborted), `overloaded`, `unavailable` or
 * `invalid` otherwise. An answer that ends without any text is `unavailable`, unless it ends with calls of the caller's
 * own tools. A prompt that turns out too large for the model is tried once more at half its size, and one whose tools it
 * does not take without them, as long as nothing was said.
 */
export async function* generate(input: GenerateInput): AsyncGenerator<GenerateEvent, void, undefined> {
  const prompt = promptOf(input, input.budgets ?? {})
  let begun = false
  try {
    for await (const event of written(input, prompt)) {
      begun ||= event.type === 'text-delta' || event.type === 'step'
      yield event
    }
  } catch (reason) {
    if (begun || !(reason instanceof AndonError)) throw reason
    if (reason.code === 'too-large') yield* written(input, promptOf(input, halved(input.budgets, prompt)), 2)
    else if (reason.code === 'invalid' && input.tools) {
      const { tools: _, ...without } = input
      yield { type: 'tools-cut', why: 'refused' }
      yield* written(without, promptOf(without, input.budgets ?? {}), 2)
    } else throw reason
  }
}

function promptOf(input: GenerateInput, budgets: GenerateBudgets): Prompt {
  const { question, passages, history, before, open, tools, model } = input
  return buildPrompt({
    question,
    passages,
    budgets,
    ...(history === undefined ? {} : { history }),
    ...(before === undefined ? {} : { before }),
    ...(open === undefined ? {} : { open }),
    ...(tools === undefined ? {} : { tools: toolsShown(tools) }),
    ...(model.contextTokens === undefined ? {} : { modelContext: model.contextTokens }),
  })
}

function halved(budgets: GenerateBudgets | undefined, prompt: Prompt): GenerateBudgets {
  return {
    ...budgets,
    passageTokens: Math.floor(prompt.passageTokens / 2),
    answerTokens: Math.floor(prompt.answerTokens / 2),
    toolTokens: Math.floor(prompt.toolTokens / 2),
    historyTokens: 0,
  }
}

/** Asks the model, and again with what its calls brought, until it has said its answer. */
async function* written(
  input: GenerateInput,
  prompt: Prompt,
  attempt = 1,
): AsyncGenerator<GenerateEvent, void, undefined> {
  const { question, passages, model, call, budgets = {}, ask = askOnce } = input
  const { included, boundary, toolTokens: tokens } = prompt
  const tools = input.tools && new ToolUse(input.tools, { passages, included, boundary, tokens })
  const links = new LinkFilter(
    passages
      .slice(0, included)
      .map((passage) => passage.text)
      .concat(question),
  )
  const messages = [...prompt.messages]
  const spending = new Spending(prompt.promptTokens)
  let gap = ''
  for (let number = 1; ; number++) {
    const request: ChatRequest = {
      messages: [...messages],
      maxTokens: prompt.answerTokens,
      // The passages hold the answer; there is nothing to be inventive about.
      temperature: 0,
      ...(tools ? tools.request() : {}),
      ...(budgets.firstTokenMs === undefined ? {} : { firstTokenMs: budgets.firstTokenMs }),
      ...(budgets.budgetMs === undefined ? {} : { budgetMs: budgets.budgetMs }),
    }
    const telling = { question, passages, prompt, links, number, gap, attempt }
    const step = yield* (number === 1 ? ask : askOnce)(model, request, telling, call)
    if (step.text !== '') gap = '\n\n'
    if (tools && number === 1 && model.callsTools === false) yield { type: 'tools-cut', why: 'unable' }
    spending.add(step)
    const finish: Finish = {
      type: 'finish',
      reason: step.reason,
      linksRemoved: links.removed,
      usage: spending.usage,
      ...(step.model === undefined ? {} : { model: step.model }),
      ...(step.cached ? { cached: step.cached } : {}),
    }
    if (!tools || tools.cut || step.calls.length === 0) {
      if (step.text.trim() === '' && !step.none) throw wordless(model, step)
      yield finish
      return
    }
    yield { type: 'step', number, calls: step.calls.length }
    const taken = yield* tools.take(step, links, call)
    if (taken.own.length > 0) {
      yield { ...finish, toolCalls: taken.own }
      return
    }
    if (tools.cut) yield { type: 'tools-cut', why: tools.cut }
    messages.push(...taken.messages)
    spending.told(taken.messages)
  }
}

function wordless({ name }: ChatModel, { reason }: Step): AndonError {
  return new AndonError('unavailable', `The model ${name} answered without a word (it ended with "${reason}").`)
}
