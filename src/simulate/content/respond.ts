// Chooses what is said: what a script has for it, a call that is demanded, a value in the demanded form, an answer from
// the context, or words without meaning. The same request gets the same answer.

import type { Plain } from '../../core/plain.ts'
import { AndonError } from '../../core/errors.ts'
import { seeded } from '../../core/random.ts'
import { hashText, lognormal, oneOf } from '../random.ts'
import type { Random } from '../../core/random.ts'
import { citeContext } from './cite.ts'
import { isChinese, lastAsked } from './reply.ts'
import type { Asked, ReplyPart } from './reply.ts'
import { sampleRegex } from './regex-sample.ts'
import { schemaValue } from './schema-value.ts'
import { fillerText } from './words.ts'

/** One line of a script: what is said to a request whose last user's message holds `match`. */
export interface ScriptLine {
  /** Part of the message. Default: any message. */
  match?: string
  reasoning?: string
  text?: string
  /** Called when all of them are offered, and nothing has come of a call yet. */
  toolCalls?: { name: string; arguments: Plain }[]
}

export interface RespondOptions {
  /**
   * What is said when no script has it: `cite` answers from the context it was given and says words without meaning when
   * there is none; `echo` repeats the last user's message; `words` never looks at the context. Default `cite`.
   */
  respond?: 'cite' | 'echo' | 'words'
  /** The first line that fits is said. */
  script?: readonly ScriptLine[]
  /** Mean number of tokens of words without meaning. Default 64. */
  replyTokens?: number
}

/** Spread of the length of words without meaning, as the standard deviation of its logarithm. */
const lengthSpread = 0.4

/**
 * The parts of the answer. Throws `invalid` when a call of a tool is demanded that is not there, and for a form that
 * nothing can be said in.
 */
export function respond(asked: Asked, options: RespondOptions, seed: number): ReplyPart[] {
  const random = seeded(hashText(asked.prompt, seed))
  const scripted = fromScript(asked, options.script ?? [])
  if (scripted) return scripted
  const called = demandedCall(asked, random)
  if (called) return [called]
  const parts: ReplyPart[] = asked.reasoning ? [{ type: 'reasoning', text: thought(asked) }] : []
  return [...parts, { type: 'text', text: inForm(asked, options, random) }]
}

function fromScript(asked: Asked, script: readonly ScriptLine[]): ReplyPart[] | undefined {
  const said = lastAsked(asked)
  const answered = asked.messages.at(-1)?.role === 'tool'
  const offered = new Set(asked.toolChoice === 'none' ? [] : asked.tools.map(({ name }) => name))
  const line = script.find(({ match = '', toolCalls }) => {
    if (!said.includes(match)) return false
    return toolCalls === undefined || (!answered && toolCalls.every(({ name }) => offered.has(name)))
  })
  if (!line) return undefined
  const { reasoning, text, toolCalls = [] } = line
  return [
    ...(reasoning === undefined ? [] : [{ type: 'reasoning', text: reasoning } as const]),
    ...(text === undefined ? [] : [{ type: 'text', text } as const]),
    ...toolCalls.map(({ name, arguments: given }) => ({
      type: 'tool-call' as const,
      name,
      arguments: JSON.stringify(given),
    })),
  ]
}

function demandedCall({ toolChoice, tools }: Asked, random: Random): ReplyPart | undefined {
  if (toolChoice === 'none' || toolChoice === 'auto') return undefined
  const tool = toolChoice === 'required' ? tools[0] : tools.find(({ name }) => name === toolChoice.name)
  if (!tool)
    throw new AndonError(
      'invalid',
      toolChoice === 'required'
        ? 'tool_choice is "required", and there are no tools.'
        : `tool_choice names ${toolChoice.name}, which is none of the tools.`,
    )
  const given = schemaValue(`the tool ${tool.name}`, tool.parameters, random)
  return { type: 'tool-call', name: tool.name, arguments: JSON.stringify(given) }
}

function inForm(asked: Asked, options: RespondOptions, random: Random): string {
  const { form } = asked
  switch (form.type) {
    case 'schema':
      return JSON.stringify(schemaValue(form.of, form.schema, random))
    case 'regex':
      return sampleRegex(form.pattern, random)
    case 'choice': {
      const [first = '', ...others] = form.choices
      return oneOf([first, ...others], random)
    }
    case 'json':
      return JSON.stringify(asObject(asked, options, random))
    case 'text':
      return plainly(asked, options, random)
  }
}

/** JSON without a schema: a question made whole stays as it is, anything else becomes `{ answer }`. */
function asObject(asked: Asked, options: RespondOptions, random: Random): Plain {
  const question = /(?:^|\n)Last question: ([^\n]+)/.exec(lastAsked(asked))?.[1]
  if (question !== undefined) return { question, alternatives: [] }
  return { answer: plainly(asked, options, random) }
}

function plainly(asked: Asked, { respond: how = 'cite', replyTokens = 64 }: RespondOptions, random: Random): string {
  const said = lastAsked(asked)
  if (how === 'echo') return said
  const cited = how === 'cite' ? citeContext(asked) : undefined
  return (
    cited ?? fillerText(Math.max(1, Math.round(replyTokens * lognormal(random, lengthSpread))), isChinese(said), random)
  )
}

function thought(asked: Asked): string {
  return isChinese(lastAsked(asked))
    ? '先看问题里的词在哪一段出现。'
    : 'First see which passage holds the words of the question.'
}
