// A body of /chat/completions as a ChatModel takes it. What a ChatModel has no word for is refused when it would change
// the answer, and left out when it would not.

import { AndonError } from '../../core/errors.ts'
import type { AskedCall, ClientTool } from '../../core/question.ts'
import { isRecord } from '../../models/failure.ts'
import type { ChatMessage, ChatRequest } from '../../models/model.ts'

/** Throws `invalid` for messages that are none, and for content that is no text. */
export function chatRequestOf(body: Readonly<Record<string, unknown>>): ChatRequest {
  const { messages, tools, temperature, tool_choice: choice, response_format: format } = body
  if (!Array.isArray(messages) || messages.length === 0)
    throw new AndonError('invalid', 'messages must be a list with at least one message.', {
      detail: { param: 'messages' },
    })
  const most = body['max_completion_tokens'] ?? body['max_tokens']
  const toolChoice = choiceOf(choice)
  const isJson = isRecord(format) && (format['type'] === 'json_object' || format['type'] === 'json_schema')
  return {
    messages: messages.map(messageOf),
    ...(typeof most === 'number' ? { maxTokens: most } : {}),
    ...(typeof temperature === 'number' ? { temperature } : {}),
    ...(Array.isArray(tools) && tools.length > 0 ? { tools: tools.flatMap(toolOf) } : {}),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(body['parallel_tool_calls'] === false ? { parallelCalls: false } : {}),
    ...(isJson ? { json: true } : {}),
  }
}

function messageOf(message: unknown): ChatMessage {
  if (!isRecord(message)) throw wrongMessage('is no object')
  const { role } = message
  const content = textOf(message['content'])
  if (role === 'system' || role === 'developer') return { role: 'system', content }
  if (role === 'user') return { role, content }
  if (role === 'tool') return { role, content, callId: wordOf(message['tool_call_id']) }
  if (role !== 'assistant') throw wrongMessage(`has the role ${JSON.stringify(role)}`)
  const calls: unknown = message['tool_calls']
  return { role, content, ...(Array.isArray(calls) ? { toolCalls: calls.flatMap(callOf) } : {}) }
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (content === null || content === undefined) return ''
  if (!Array.isArray(content)) throw wrongMessage('has a content that is neither a text nor a list')
  return content
    .map((part) => {
      if (isRecord(part) && typeof part['text'] === 'string') return part['text']
      throw wrongMessage('has a part that is no text, and this endpoint reads text only')
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

function toolOf(tool: unknown): ClientTool[] {
  if (!isRecord(tool) || !isRecord(tool['function'])) return []
  const { name, description, parameters } = tool['function']
  if (typeof name !== 'string') return []
  return [
    {
      name,
      ...(typeof description === 'string' ? { description } : {}),
      // It was parsed from JSON, so it is plain.
      ...(isRecord(parameters) ? { parameters: parameters as NonNullable<ClientTool['parameters']> } : {}),
    },
  ]
}

function choiceOf(choice: unknown): ChatRequest['toolChoice'] {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice
  if (isRecord(choice) && isRecord(choice['function']) && typeof choice['function']['name'] === 'string')
    return { name: choice['function']['name'] }
  return undefined
}

function wrongMessage(what: string): AndonError {
  return new AndonError('invalid', `A message ${what}.`, { detail: { param: 'messages' } })
}
