// A body of /responses as a ChatModel takes it: the same request as a body of /chat/completions, read as one. What no
// chat can be asked, and what somebody would have to keep, is refused.

import { AndonError } from '../../core/errors.ts'
import { isRecord } from '../../models/failure.ts'
import type { ChatRequest } from '../../models/model.ts'
import { chatRequestOf } from './chat-request.ts'

type Body = Readonly<Record<string, unknown>>

/**
 * Throws `invalid`, with the field as `detail.param`, for an input that is none, for pictures and files, for tools that
 * run at OpenAI or a choice among some, and for conversations, prompts and responses that would have to be kept somewhere. `who` begins the
 * sentence: `The endpoint "a"`.
 */
export function responsesRequestOf(body: Body, who = 'This endpoint'): ChatRequest {
  refuseOthers(body, who)
  const { instructions, input, tools, tool_choice: choice, text, reasoning } = body
  const system =
    typeof instructions === 'string' && instructions !== '' ? [{ role: 'system', content: instructions }] : []
  return chatRequestOf(
    {
      messages: [...system, ...messagesOf(input, who)],
      max_completion_tokens: body['max_output_tokens'],
      temperature: body['temperature'],
      top_p: body['top_p'],
      parallel_tool_calls: body['parallel_tool_calls'],
      tools: Array.isArray(tools) ? tools.map((tool) => toolOf(tool, who)) : undefined,
      tool_choice: choiceOf(choice, who),
      response_format: isRecord(text) ? formatOf(text['format'], who) : undefined,
      reasoning_effort: isRecord(reasoning) ? reasoning['effort'] : undefined,
    },
    who,
  )
}

/** What asks for something that was to be kept here, and what to send instead. */
const kept: readonly (readonly [field: string, instead: string])[] = [
  ['previous_response_id', 'no response of a model is kept here: send what was said before as input'],
  ['conversation', 'no conversation with a model is kept here: send what was said before as input'],
  ['prompt', 'no prompts are kept here: send the text as input'],
]

function refuseOthers(body: Body, who: string): void {
  for (const [field, instead] of kept) {
    const value = body[field]
    if (value !== undefined && value !== null) throw wrong(field, `${field} is not taken: ${instead}.`)
  }
  if (body['background'] === true)
    throw wrong('background', 'background must be false: the answer of a model is made while its caller waits.')
  const { top_logprobs: probabilities } = body
  if (typeof probabilities === 'number' && probabilities > 0)
    throw wrong('top_logprobs', `${who} tells no probabilities: leave top_logprobs out.`)
}

function messagesOf(input: unknown, who: string): object[] {
  if (typeof input === 'string') return [{ role: 'user', content: input }]
  if (!Array.isArray(input) || input.length === 0)
    throw wrong('input', 'input must be a text, or a list with at least one message.')
  const messages: Message[] = []
  for (const item of input) addItem(messages, item, who)
  return messages
}

interface Message {
  role: string
  content: unknown
  tool_calls?: object[]
  tool_call_id?: unknown
}

function addItem(messages: Message[], item: unknown, who: string): void {
  if (!isRecord(item)) throw wrong('input', 'An item of input is no object.')
  const { type = 'message', role, content, call_id, name, arguments: given, output } = item
  switch (type) {
    case 'message':
      if (typeof role !== 'string' || !roles.has(role))
        throw wrong(
          'input',
          `A message of input has the role ${JSON.stringify(role)}: ${[...roles].join(', ')} are known.`,
        )
      messages.push({ role, content: partsOf(content, who) })
      return
    case 'function_call':
      if (!isWord(call_id) || !isWord(name))
        throw wrong('input', 'A function_call of input needs a call_id and a name: send it as it came in the output.')
      addCall(messages, { id: call_id, type: 'function', function: { name, arguments: given } })
      return
    case 'function_call_output':
      if (!isWord(call_id))
        throw wrong('input', 'A function_call_output of input needs the call_id of the call that it answers.')
      messages.push({ role: 'tool', tool_call_id: call_id, content: partsOf(output, who) })
      return
    case 'reasoning':
      // Thoughts are the model's own: they steer nothing when they come back.
      return
    default:
      throw wrong(
        'input',
        `An item of input has the type ${JSON.stringify(type)}. ${who} takes message, function_call and function_call_output.`,
      )
  }
}

/** Calls that follow one another, and the words before them, are one turn. */
function addCall(messages: Message[], call: object): void {
  const last = messages.at(-1)
  if (last?.role === 'assistant') (last.tool_calls ??= []).push(call)
  else messages.push({ role: 'assistant', content: null, tool_calls: [call] })
}

const roles = new Set(['system', 'developer', 'user', 'assistant'])
const texts = new Set<unknown>(['input_text', 'output_text', 'text'])

/** The parts of a content in the words of /chat/completions. */
function partsOf(content: unknown, who: string): unknown {
  if (typeof content === 'string' || content === null || content === undefined) return content
  if (!Array.isArray(content)) throw wrong('input', 'The content of an item of input is neither a text nor a list.')
  return content.map((part: unknown) => {
    const { type: named, text, refusal } = isRecord(part) ? part : {}
    if (texts.has(named) && typeof text === 'string') return { type: 'text', text }
    if (named === 'refusal' && typeof refusal === 'string') return { type: 'text', text: refusal }
    const type = named === undefined ? 'none' : JSON.stringify(named)
    if (texts.has(named) || named === 'refusal')
      throw wrong('input', `A part of input has the type ${type}, and no text.`)
    throw wrong(
      'input',
      `A part of input has the type ${type}. ${who} reads text only here: input_text and output_text.`,
    )
  })
}

function toolOf(tool: unknown, who: string): object {
  if (!isRecord(tool) || tool['type'] !== 'function') {
    const type = isRecord(tool) ? JSON.stringify(tool['type']) : 'none'
    throw wrong('tools', `A tool has the type ${type}. ${who} knows functions only: leave it out.`)
  }
  const { name, description, parameters } = tool
  return { type: 'function', function: { name, description, parameters } }
}

function choiceOf(choice: unknown, who: string): unknown {
  if (!isRecord(choice)) return choice
  const { type, name } = choice
  if (type === 'function' && isWord(name)) return { type, function: { name } }
  throw wrong(
    'tool_choice',
    `tool_choice has the type ${JSON.stringify(type)}. ${who} takes auto, none, required, or a function by its name.`,
  )
}

/** A shape of the answer, which the two APIs write differently. */
function formatOf(format: unknown, who: string): unknown {
  if (!isRecord(format) || format['type'] !== 'json_schema') return format
  const { name, schema, strict } = format
  if (!isRecord(schema)) throw wrong('text', `${who} was asked for a shape without one: set text.format.schema.`)
  return { type: 'json_schema', json_schema: { name, schema, strict } }
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function wrong(param: string, sentence: string): AndonError {
  return new AndonError('invalid', sentence, { detail: { param } })
}
