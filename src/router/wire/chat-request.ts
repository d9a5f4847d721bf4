// A body of /chat/completions as a ChatModel takes it. What a ChatModel has no word for is refused when it would change
// what an answer is, and left out when it only steers how it is written.

import { AndonError } from '../../core/errors.ts'
import type { AskedCall, ClientTool } from '../../core/question.ts'
import { isRecord } from '../../models/failure.ts'
import type { AnswerSchema, ChatMessage, ChatRequest } from '../../models/model.ts'

type Body = Readonly<Record<string, unknown>>

/**
 * Throws `invalid`, with the field as `detail.param`, for messages that are none, for pictures and sounds, and for what
 * would make another answer: more than one choice, probabilities, functions as they were before tools. `who` begins the
 * sentence: `The endpoint "a"`.
 */
export function chatRequestOf(body: Body, who = 'This endpoint'): ChatRequest {
  refuseOthers(body, who)
  const { messages, tools, temperature, top_p: topP, seed, priority } = body
  if (!Array.isArray(messages) || messages.length === 0)
    throw wrong('messages', 'messages must be a list with at least one message.')
  const most = body['max_completion_tokens'] ?? body['max_tokens']
  const toolChoice = choiceOf(body['tool_choice'])
  const reasoning = efforts.get(body['reasoning_effort'])
  const stop = stopOf(body['stop'])
  return {
    messages: messages.map((message) => messageOf(message, who)),
    ...(typeof most === 'number' ? { maxTokens: most } : {}),
    ...(typeof temperature === 'number' ? { temperature } : {}),
    ...(typeof topP === 'number' ? { topP } : {}),
    ...(Array.isArray(tools) && tools.length > 0 ? { tools: tools.map((tool) => toolOf(tool, who)) } : {}),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(typeof body['parallel_tool_calls'] === 'boolean' ? { parallelCalls: body['parallel_tool_calls'] } : {}),
    ...formatOf(body['response_format'], who),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(typeof seed === 'number' && Number.isSafeInteger(seed) ? { seed } : {}),
    ...(stop === undefined ? {} : { stop }),
    ...(typeof priority === 'number' && Number.isSafeInteger(priority) ? { priority } : {}),
  }
}

/** The words of OpenAI and of its kin, each as the nearest of ours. */
const efforts: ReadonlyMap<unknown, NonNullable<ChatRequest['reasoning']>> = new Map([
  ['none', 'off'],
  ['minimal', 'low'],
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
  ['xhigh', 'high'],
])

function refuseOthers({ n, logprobs, functions, audio, modalities }: Body, who: string): void {
  if (typeof n === 'number' && n > 1) throw wrong('n', `${who} gives one answer at a time: n must be 1.`)
  if (logprobs === true) throw wrong('logprobs', `${who} tells no probabilities: leave logprobs out.`)
  if (Array.isArray(functions)) throw wrong('functions', `${who} knows functions as tools only: name them in tools.`)
  const spoken = isRecord(audio) || (Array.isArray(modalities) && modalities.some((each) => each !== 'text'))
  if (spoken) throw wrong('modalities', `${who} answers with text only: leave audio and modalities out.`)
}

function formatOf(format: unknown, who: string): Pick<ChatRequest, 'json' | 'schema'> {
  if (!isRecord(format)) return {}
  const { type } = format
  if (type === 'json_object') return { json: true }
  if (type !== 'json_schema') return {}
  const { json_schema: asked } = format
  if (!isRecord(asked) || !isRecord(asked['schema']))
    throw wrong('response_format', `${who} was asked for a shape without one: set response_format.json_schema.schema.`)
  const { name, strict } = asked
  return {
    schema: {
      name: typeof name === 'string' && name !== '' ? name : 'answer',
      // It was parsed from JSON, so it is plain.
      schema: asked['schema'] as AnswerSchema['schema'],
      ...(typeof strict === 'boolean' ? { strict } : {}),
    },
  }
}

function stopOf(stop: unknown): string[] | undefined {
  if (typeof stop === 'string') return [stop]
  if (!Array.isArray(stop)) return undefined
  const words = stop.filter((each): each is string => typeof each === 'string')
  return words.length === 0 ? undefined : words
}

function messageOf(message: unknown, who: string): ChatMessage {
  if (!isRecord(message)) throw wrong('messages', 'A message is no object.')
  const { role } = message
  const content = textOf(message['content'], who)
  if (role === 'system' || role === 'developer') return { role: 'system', content }
  if (role === 'user') return { role, content }
  if (role === 'tool') return { role, content, callId: wordOf(message['tool_call_id']) }
  if (role !== 'assistant') throw wrong('messages', `A message has the role ${JSON.stringify(role)}.`)
  const calls: unknown = message['tool_calls']
  return { role, content, ...(Array.isArray(calls) ? { toolCalls: calls.flatMap(callOf) } : {}) }
}

/** What a part that is no text is, for people. */
const kinds: ReadonlyMap<unknown, string> = new Map([
  ['image_url', 'a picture'],
  ['input_audio', 'a sound'],
  ['file', 'a file'],
])

function textOf(content: unknown, who: string): string {
  if (typeof content === 'string') return content
  if (content === null || content === undefined) return ''
  if (!Array.isArray(content)) throw wrong('messages', 'A message has a content that is neither a text nor a list.')
  return content
    .map((part) => {
      if (isRecord(part) && typeof part['text'] === 'string') return part['text']
      const kind = (isRecord(part) ? kinds.get(part['type']) : undefined) ?? 'a part that is no text'
      throw wrong('messages', `A message holds ${kind}. ${who} reads text only: ask a model that sees it.`)
    })
    .join('')
}

function callOf(call: unknown): AskedCall[] {
  if (!isRecord(call) || !isRecord(call['function'])) return []
  const { name, arguments: text } = call['function']
  return typeof name === 'string' ? [{ id: wordOf(call['id']), name, arguments: wordOf(text) || '{}' }] : []
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function toolOf(tool: unknown, who: string): ClientTool {
  const asked = isRecord(tool) ? tool['function'] : undefined
  const { name, description, parameters } = isRecord(asked) ? asked : {}
  if (typeof name !== 'string')
    throw wrong('tools', `${who} knows tools of the type "function" only, each with a name.`)
  return {
    name,
    ...(typeof description === 'string' ? { description } : {}),
    // It was parsed from JSON, so it is plain.
    ...(isRecord(parameters) ? { parameters: parameters as NonNullable<ClientTool['parameters']> } : {}),
  }
}

function choiceOf(choice: unknown): ChatRequest['toolChoice'] {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice
  if (isRecord(choice) && isRecord(choice['function']) && typeof choice['function']['name'] === 'string')
    return { name: choice['function']['name'] }
  return undefined
}

function wrong(param: string, sentence: string): AndonError {
  return new AndonError('invalid', sentence, { detail: { param } })
}
