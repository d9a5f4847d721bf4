// The tools of one answer: what the model is shown of them, what became of its calls, and when it has called enough.

import type { AnswerEvent, AskedCall, ClientTool, Filter, Passage, Question } from '../../core/question.ts'
import type { Plain } from '../../core/plain.ts'
import type { Call } from '../../core/station.ts'
import type { ChatMessage, ChatRequest } from '../../models/model.ts'
import { argumentsOf } from '../../core/tool-arguments.ts'
import type { Toolbox } from '../tools/toolbox.ts'
import type { LinkFilter } from './links.ts'
import type { Step } from './step.ts'
import { runTools } from './tool-run.ts'
import { ToolResults, type ResultsOptions, type ToolResultEvent } from './tool-results.ts'

/** What a model may call for an answer. */
export interface GivenTools {
  /** Runs calls of the factory's tools. */
  toolbox?: Toolbox
  /** Those of the factory, in a stable order. One that has the name of one of the caller's own is left out. */
  offered: readonly ClientTool[]
  /** The caller's own: a call of one ends the answer. */
  own: readonly ClientTool[]
  /** For the first request; later ones choose themselves. */
  choice?: Question['toolChoice']
  parallelCalls?: boolean
  sessionId?: string
  /** What the question is limited to. */
  filter?: Filter
  /** How often the model may go on with what tools said. Default 6. */
  steps?: number
  /** Tokens of one result. Default 3,000. */
  resultTokens?: number
}

/**
 * Why the model was not let call any more; `refused`: it did not take these tools, `unable`: it takes none at all.
 */
export type ToolsCut = 'steps' | 'tokens' | 'repeated' | 'refused' | 'unable'

/** What happens while the calls of a step run. */
export type ToolUseEvent =
  | Extract<AnswerEvent, { type: 'tool-call' | 'tool-approval' | 'tool-progress' | 'tool-result' }>
  /** What a result added to the sources: passages that go on numbering, and text. */
  | { type: 'sources'; passages: Passage[]; text?: string }

/** What the calls of a step came to. */
export interface ToolStep {
  /** What the model is told next. */
  messages: ChatMessage[]
  /** Calls of the caller's own tools: nothing follows here. */
  own: AskedCall[]
}

/** Calls of one step beyond these are not run. */
const mostCalls = 32
/** The same call with the same arguments is run no more often than this. */
const mostAlike = 2
/** Characters of a value that readers of the answer are shown. */
const longestShown = 4_000

/** All tools that a model is shown: the caller's own come last, because they change from question to question. */
export function toolsShown({ offered, own }: Pick<GivenTools, 'offered' | 'own'>): ClientTool[] {
  const names = new Set(own.map(({ name }) => name))
  return [...offered.filter(({ name }) => !names.has(name)), ...own]
}

export class ToolUse {
  /** Why no more calls are let through, once that is so. */
  cut: ToolsCut | undefined
  readonly #given: GivenTools
  readonly #passages: readonly Passage[]
  readonly #shown: ClientTool[]
  readonly #own: ReadonlySet<string>
  readonly #results: ToolResults
  readonly #ids = new Set<string>()
  readonly #alike = new Map<string, number>()
  #steps = 0

  constructor(given: GivenTools, sources: Omit<ResultsOptions, 'each'>) {
    const { resultTokens: each = 3_000 } = given
    this.#given = given
    this.#passages = sources.passages
    this.#shown = toolsShown(given)
    this.#own = new Set(given.own.map(({ name }) => name))
    this.#results = new ToolResults({ ...sources, each })
  }

  /** What the next request says of tools. */
  request(): Pick<ChatRequest, 'tools' | 'toolChoice' | 'parallelCalls'> {
    const { choice, parallelCalls } = this.#given
    const toolChoice = this.cut ? 'none' : this.#steps === 0 ? choice : undefined
    return {
      tools: this.#shown,
      ...(toolChoice === undefined ? {} : { toolChoice }),
      ...(parallelCalls === undefined ? {} : { parallelCalls }),
    }
  }

  /** Runs the calls of a step. Addresses in what they return may be said again, unless the model wrote them itself. */
  async *take(step: Step, links: LinkFilter, call: Call): AsyncGenerator<ToolUseEvent, ToolStep> {
    const asked = step.calls.map((each) => this.#unique(each))
    const own = asked.filter(({ name }) => this.#own.has(name))
    const others = asked.filter(({ name }) => !this.#own.has(name))
    const refused = new Map(others.map((each, at) => [each.id, this.#refusalOf(each, at)]))
    const content = new Map<string, string>()
    for (const { id, name, arguments: given } of others)
      yield { type: 'tool-call', id, name, arguments: argumentsOf(given) }
    for (const { id, name } of others) {
      const error = refused.get(id)
      if (error) yield* this.#ended({ type: 'tool-result', id, name, ok: false, error, ms: 0 }, content)
    }
    const running = others.filter(({ id }) => refused.get(id) === undefined)
    const { toolbox, sessionId, filter } = this.#given
    if (toolbox && running.length > 0) {
      const errand = {
        answerId: call.id,
        passages: this.#passages,
        ...(sessionId === undefined ? {} : { sessionId }),
        ...(filter === undefined ? {} : { filter }),
      }
      for await (const event of runTools(toolbox, running, errand, call))
        if (event.type === 'tool-result') yield* this.#ended(event, content)
        else yield event
    }
    this.#steps++
    if (this.#results.full) this.cut ??= 'tokens'
    if (this.#steps >= (this.#given.steps ?? 6)) this.cut ??= 'steps'
    const written = step.calls.map((each) => each.arguments).join('\n')
    for (const text of content.values()) links.know(text, written)
    const results = others.map(({ id }): ChatMessage => ({ role: 'tool', callId: id, content: content.get(id) ?? '' }))
    return { messages: [{ role: 'assistant', content: step.text, toolCalls: others }, ...results], own }
  }

  *#ended(result: ToolResultEvent, content: Map<string, string>): Generator<ToolUseEvent> {
    const told = this.#results.told(result)
    content.set(result.id, told.content)
    yield { ...result, ...(result.value === undefined ? {} : { value: shownValue(result.value) }) }
    const { passages, text } = told
    if (passages.length > 0 || text !== undefined)
      yield { type: 'sources', passages, ...(text === undefined ? {} : { text }) }
  }

  /** Why a call is not run; undefined when it is. */
  #refusalOf({ name, arguments: given }: AskedCall, at: number): { kind: string; message: string } | undefined {
    const names = this.#shown.map((tool) => tool.name)
    if (!names.includes(name) || !this.#given.toolbox)
      return { kind: 'unknown-tool', message: `There is no tool ${name.slice(0, 100)}. There are: ${names.join(', ')}` }
    if (at >= mostCalls) return { kind: 'overloaded', message: `At most ${mostCalls} calls run at once: call again` }
    const key = `${name} ${JSON.stringify(sorted(argumentsOf(given)))}`
    const before = this.#alike.get(key) ?? 0
    this.#alike.set(key, before + 1)
    if (before < mostAlike) return undefined
    this.cut ??= 'repeated'
    return { kind: 'denied', message: `The same call was made ${before} times: use what it returned` }
  }

  /** Some models number their calls from the beginning in every message. */
  #unique(asked: AskedCall): AskedCall {
    let { id } = asked
    for (let count = 2; this.#ids.has(id); count++) id = `${asked.id}_${count}`
    this.#ids.add(id)
    return { ...asked, id }
  }
}

function shownValue(value: Plain): Plain {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length <= longestShown ? value : `${text.slice(0, longestShown).toWellFormed()}…`
}

/** With its keys in order, so that like calls look alike. */
function sorted(value: Plain): Plain {
  if (Array.isArray(value)) return (value as readonly Plain[]).map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const fields = value as { readonly [key: string]: Plain }
  return Object.fromEntries(
    Object.keys(fields)
      .toSorted()
      .map((key) => [key, sorted(fields[key] ?? null)]),
  )
}
