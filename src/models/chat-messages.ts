// Messages and tools as /chat/completions takes them.

import type { ClientTool } from '../core/question.ts'
import type { ChatMessage, ChatRequest } from './model.ts'

/** The messages on the wire; without `tools`, calls and what came of them are told in words. */
export function wireMessages(messages: readonly ChatMessage[], tools: boolean): object[] {
  return messages.map((message) => (tools ? withCalls(message) : inWords(message)))
}

function withCalls(message: ChatMessage): object {
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.callId, content: message.content }
  if (message.role !== 'assistant' || !message.toolCalls?.length) return plainMessage(message)
  return {
    role: 'assistant',
    // As OpenAI's own messages have it: some servers refuse an empty text.
    content: message.content === '' ? null : message.content,
    tool_calls: message.toolCalls.map(({ id, name, arguments: text }) => ({
      id,
      type: 'function',
      function: { name, arguments: text },
    })),
  }
}

function inWords(message: ChatMessage): object {
  if (message.role === 'tool') return { role: 'user', content: `Result of ${message.callId}:\n${message.content}` }
  if (message.role !== 'assistant' || !message.toolCalls?.length) return plainMessage(message)
  const calls = message.toolCalls.map(({ id, name, arguments: text }) => `Called ${name} with ${text} as ${id}.`)
  return { role: 'assistant', content: [message.content, ...calls].filter((line) => line !== '').join('\n') }
}

function plainMessage({ role, content }: ChatMessage): object {
  return { role, content }
}

/** The fields of a request that say what may be called; none without tools. */
export function wireTools({ tools, toolChoice, parallelCalls }: ChatRequest): Record<string, unknown> {
  if (!tools?.length) return {}
  return {
    tools: tools.map(wireTool),
    ...(toolChoice === undefined || toolChoice === 'auto' ? {} : { tool_choice: wireChoice(toolChoice) }),
    ...(parallelCalls === false ? { parallel_tool_calls: false } : {}),
  }
}

function wireTool({ name, description, parameters }: ClientTool): object {
  return {
    type: 'function',
    function: {
      name,
      ...(description === undefined ? {} : { description }),
      parameters: parameters ?? { type: 'object', properties: {} },
    },
  }
}

function wireChoice(choice: Exclude<ChatRequest['toolChoice'], undefined>): unknown {
  return typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } }
}
