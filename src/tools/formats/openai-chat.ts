// OpenAI's Chat Completions, and everything that speaks like it.

import { AndonError } from '../../core/errors.ts'
import { argumentsText, fieldsOf, objectsOf, resultText, textOf, unreadable } from './format.ts'
import type { Fields, Format } from './format.ts'

export const openaiChat: Format = {
  tools: (tools) =>
    tools.map(({ name, description, input }) => ({
      type: 'function',
      function: { name, description, parameters: input },
    })),
  calls: (message) =>
    objectsOf(messageOf(message)['tool_calls']).map((call) => {
      const asked = fieldsOf(call['function'])
      if (!asked) {
        throw new AndonError(
          'unsupported',
          `A tool call of type ${String(call['type'])} cannot be run: only functions can`,
        )
      }
      return {
        id: textOf(call, 'id', 'A tool call'),
        name: textOf(asked, 'name', 'A tool call'),
        arguments: typeof asked['arguments'] === 'string' ? asked['arguments'] : '',
      }
    }),
  asked: (calls) => [
    {
      role: 'assistant',
      content: null,
      tool_calls: calls.map((call) => ({
        id: call.id,
        type: 'function',
        function: { name: call.name, arguments: argumentsText(call) },
      })),
    },
  ],
  results: (results) =>
    results.map((result) => ({ role: 'tool', tool_call_id: result.id, content: resultText(result) })),
}

function messageOf(given: unknown): Fields {
  const fields = fieldsOf(given)
  const [choice] = objectsOf(fields?.['choices'])
  const message = choice ? fieldsOf(choice['message']) : fields
  if (message && ('role' in message || 'tool_calls' in message)) return message
  throw unreadable('openai-chat', 'an assistant message with `tool_calls`, or a completion with `choices`')
}
