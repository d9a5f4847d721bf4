// Anthropic's Messages.

import { argumentsObject, fieldsOf, objectsOf, resultText, textOf, unreadable } from './format.ts'
import type { Format } from './format.ts'
import type { ToolCall, ToolResult } from '../tool.ts'
import { blocksOf, isPicture, noteOf } from './blocks.ts'

export const anthropic: Format = {
  tools: (tools) => tools.map(({ name, description, input }) => ({ name, description, input_schema: input })),
  calls: (message) => {
    const content = fieldsOf(message)?.['content']
    if (content === undefined) throw unreadable('anthropic', 'a message with `content`')
    return objectsOf(content)
      .filter(({ type }) => type === 'tool_use')
      .map((block) => ({
        id: textOf(block, 'id', 'A tool_use block'),
        name: textOf(block, 'name', 'A tool_use block'),
        arguments: (fieldsOf(block['input']) ?? {}) as Exclude<ToolCall['arguments'], string>,
      }))
  },
  asked: (calls) => [
    {
      role: 'assistant',
      content: calls.map((call) => ({ type: 'tool_use', id: call.id, name: call.name, input: argumentsObject(call) })),
    },
  ],
  // All results of a turn belong in one message.
  results: (results) => [
    {
      role: 'user',
      content: results.map((result) => ({
        type: 'tool_result',
        tool_use_id: result.id,
        content: contentOf(result),
        ...(result.ok ? {} : { is_error: true }),
      })),
    },
  ],
}

function contentOf(result: ToolResult): string | object[] {
  const blocks = result.ok ? blocksOf(result.value) : undefined
  if (!blocks) return resultText(result)
  return blocks.map((block) =>
    isPicture(block)
      ? { type: 'image', source: { type: 'base64', media_type: block.mimeType, data: block.data } }
      : { type: 'text', text: noteOf(block) },
  )
}
