// OpenAI's Responses.

import { argumentsText, fieldsOf, objectsOf, resultText, textOf, unreadable } from './format.ts'
import type { Fields, Format } from './format.ts'
import type { ToolResult } from '../tool.ts'
import { blocksOf, isPicture, noteOf } from './blocks.ts'

export const openaiResponses: Format = {
  tools: (tools) =>
    // Strict is the default there, and would demand every argument.
    tools.map(({ name, description, input }) => ({
      type: 'function',
      name,
      description,
      parameters: input,
      strict: false,
    })),
  calls: (message) =>
    itemsOf(message)
      .filter(({ type }) => type === 'function_call')
      .map((call) => ({
        id: textOf(call, 'call_id', 'A function call'),
        name: textOf(call, 'name', 'A function call'),
        arguments: typeof call['arguments'] === 'string' ? call['arguments'] : '',
      })),
  asked: (calls) =>
    calls.map((call) => ({ type: 'function_call', call_id: call.id, name: call.name, arguments: argumentsText(call) })),
  results: (results) =>
    results.map((result) => ({ type: 'function_call_output', call_id: result.id, output: outputOf(result) })),
}

/** Of a whole response, its `output`, or one item. */
function itemsOf(given: unknown): Fields[] {
  if (Array.isArray(given)) return objectsOf(given)
  const fields = fieldsOf(given)
  if (Array.isArray(fields?.['output'])) return objectsOf(fields['output'])
  if (typeof fields?.['type'] === 'string') return [fields]
  throw unreadable('openai-responses', 'a response with `output`, its items, or one item')
}

function outputOf(result: ToolResult): string | object[] {
  const blocks = result.ok ? blocksOf(result.value) : undefined
  if (!blocks) return resultText(result)
  return blocks.map((block) =>
    isPicture(block)
      ? { type: 'input_image', image_url: `data:${block.mimeType};base64,${block.data}`, detail: 'auto' }
      : { type: 'input_text', text: noteOf(block) },
  )
}
