// What came of calls, as the model is told it: within a budget of tokens, and with passages numbered like the others.

import type { Passage } from '../../core/question.ts'
import { estimateTokens } from '../../text/tokens.ts'
import type { ToolHappening } from '../tools/toolbox.ts'
import { returnedBy } from './citable.ts'
import { passageBlock } from './passage-block.ts'
import { resultBlock } from './result-block.ts'

export type ToolResultEvent = Extract<ToolHappening, { type: 'tool-result' }>

export interface ToldResult {
  /** For the model. */
  content: string
  /** Passages that are new, in the order of their numbers. */
  passages: Passage[]
  /** The rest of what it returned, as text: what figures may come from. Undefined when it failed. */
  text?: string
}

export interface ResultsOptions {
  /** Those that have numbers: passage n is `passages[n - 1]`. */
  passages: readonly Passage[]
  /** How many of these, from the first on, the model has seen. */
  included: number
  /** Of the prompt's fences. */
  boundary: string
  /** Tokens of all results. */
  tokens: number
  /** Tokens of one result. */
  each: number
}

/** Characters of a result that figures are looked for in. */
const longestText = 20_000

/** Tells one result after the other, as long as there is room. */
export class ToolResults {
  /** A result was cut because all of them together were too long: there is no room for another. */
  full = false
  readonly #options: ResultsOptions
  readonly #numbers: Map<string, number>
  readonly #seen: Set<string>
  #count: number
  #left: number

  constructor(options: ResultsOptions) {
    this.#options = options
    this.#numbers = new Map(options.passages.map(({ id }, at) => [id, at + 1]))
    this.#seen = new Set(options.passages.slice(0, options.included).map(({ id }) => id))
    this.#count = options.passages.length
    this.#left = options.tokens
  }

  told({ name, ok, value = null, error }: ToolResultEvent): ToldResult {
    if (!ok) {
      const { kind, message } = error ?? { kind: 'failed', message: 'It failed' }
      return { content: this.#block(`Error (${kind}): ${message}`), passages: [] }
    }
    const { passages, rest } = returnedBy(name, value)
    const { blocks, fresh } = this.#passages(passages)
    const text = rest === undefined ? undefined : typeof rest === 'string' ? rest : JSON.stringify(rest)
    if (text !== undefined || blocks.length === 0) blocks.push(this.#block(text ?? 'No passages.'))
    return {
      content: blocks.join('\n\n'),
      passages: fresh,
      ...(text === undefined ? {} : { text: text.slice(0, longestText) }),
    }
  }

  /** The blocks of passages; those that are in the prompt already are only named. */
  #passages(passages: readonly Passage[]): { blocks: string[]; fresh: Passage[] } {
    const blocks: string[] = []
    const fresh: Passage[] = []
    const { boundary, each } = this.#options
    let room = Math.min(each, this.#left)
    for (const passage of passages) {
      const known = this.#numbers.get(passage.id)
      const block = this.#seen.has(passage.id)
        ? `Passage ${known}: see above.`
        : passageBlock(passage, known ?? this.#count + 1, { boundary, tokens: room, ids: true })
      if (block === undefined) break
      this.#seen.add(passage.id)
      if (known === undefined) {
        this.#numbers.set(passage.id, ++this.#count)
        fresh.push(passage)
      }
      blocks.push(block)
      room -= estimateTokens(block)
      this.#left -= estimateTokens(block)
    }
    return { blocks, fresh }
  }

  #block(text: string): string {
    const { boundary, each } = this.#options
    const room = Math.min(each, this.#left)
    const { text: block, cut } = resultBlock(text, boundary, room)
    if (cut && room < each) this.full = true
    this.#left -= estimateTokens(block)
    return block
  }
}
