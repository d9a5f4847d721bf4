// Google's Gemini.

import { argumentsObject, fieldsOf, objectsOf, textOf, unreadable } from './format.ts'
import type { Fields, Format } from './format.ts'
import type { ToolCall, ToolResult } from '../tool.ts'
import { blocksOf, isPicture, notedText } from './blocks.ts'

/** Calls may come without an id; one that was made here does not go back. */
const ownId = 'andon-call-'

export const gemini: Format = {
  tools: (tools) => [
    {
      functionDeclarations: tools.map(({ name, description, input }) => ({
        name,
        description,
        parametersJsonSchema: input,
      })),
    },
  ],
  calls: (message) =>
    partsOf(message)
      .map((part) => fieldsOf(part['functionCall']))
      .filter((call) => call !== undefined)
      .map((call, index) => ({
        id: typeof call['id'] === 'string' && call['id'] !== '' ? call['id'] : `${ownId}${index}`,
        name: textOf(call, 'name', 'A functionCall'),
        arguments: (fieldsOf(call['args']) ?? {}) as Exclude<ToolCall['arguments'], string>,
      })),
  asked: (calls) => [
    {
      role: 'model',
      parts: calls.map((call) => ({
        functionCall: { ...idOf(call.id), name: call.name, args: argumentsObject(call) },
      })),
    },
  ],
  results: (results) => [
    {
      role: 'user',
      parts: results.map((result) => ({
        functionResponse: { ...idOf(result.id), name: result.name, ...responseOf(result) },
      })),
    },
  ],
}

function responseOf({ ok, value, error }: ToolResult): object {
  if (!ok) return { response: { error } }
  const blocks = blocksOf(value)
  if (!blocks) return { response: { output: value ?? null } }
  const pictures = blocks.filter(isPicture)
  return {
    response: { output: notedText(blocks.filter((block) => !isPicture(block))) },
    ...(pictures.length > 0
      ? { parts: pictures.map(({ mimeType, data }) => ({ inlineData: { mimeType, data } })) }
      : {}),
  }
}

function idOf(id: string): { id?: string } {
  return id.startsWith(ownId) ? {} : { id }
}

function partsOf(given: unknown): Fields[] {
  const fields = fieldsOf(given)
  const [candidate] = objectsOf(fields?.['candidates'])
  const content = candidate ? fieldsOf(candidate['content']) : fields
  // A candidate that was stopped early has content without parts.
  if (candidate || Array.isArray(content?.['parts'])) return objectsOf(content?.['parts'])
  throw unreadable('gemini', 'a content with `parts`, or a reply with `candidates`')
}
