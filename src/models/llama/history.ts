// A conversation as node-llama-cpp's chat templates take it.

import type { ChatMessage } from '../model.ts'
import type { HistoryItem } from './peer.ts'

/** The messages in their order; calls of tools, and what came of them, are told in words. */
export function chatHistory(messages: readonly ChatMessage[]): HistoryItem[] {
  return messages.map((message) => {
    switch (message.role) {
      case 'assistant':
        return { type: 'model', response: [inWords(message)] }
      case 'tool':
        return { type: 'user', text: `Result of ${message.callId}:\n${message.content}` }
      default:
        return { type: message.role, text: message.content }
    }
  })
}

function inWords({ content, toolCalls = [] }: ChatMessage & { role: 'assistant' }): string {
  const calls = toolCalls.map(({ id, name, arguments: text }) => `Called ${name} with ${text} as ${id}.`)
  return [content, ...calls].filter((line) => line !== '').join('\n')
}
