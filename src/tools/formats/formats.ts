// The wire formats by name, and the way there and back.

import { AndonError } from '../../core/errors.ts'
import type { Tool, ToolCall, ToolResult } from '../tool.ts'
import { anthropic } from './anthropic.ts'
import type { Format } from './format.ts'
import { gemini } from './gemini.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'

const formats = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  anthropic,
  gemini,
} satisfies Record<string, Format>

/** How a provider wants tools, calls and results. */
export type FormatName = keyof typeof formats

/** What goes under `tools` of a request. No tools are an empty list in every format. */
export function toolsFor(tools: readonly Tool[], format: FormatName): object[] {
  const chosen = formatOf(format)
  if (tools.length === 0) return []
  return chosen.tools(tools.map((tool) => ({ ...tool, input: withoutDialect(tool.input) })))
}

/**
 * The calls in an assistant's message, or in the whole reply of the provider, in order. None are an empty list. Fails
 * with `invalid` when it is no message of this format.
 */
export function callsFrom(message: unknown, format: FormatName): ToolCall[] {
  return formatOf(format).calls(message)
}

/**
 * Messages that give results back. With `calls`, the assistant's message that asked for them goes before; leave it out
 * and send the provider's own message where that carries more (thinking, signatures).
 */
export function messagesFor(
  results: readonly ToolResult[],
  format: FormatName,
  { calls }: { calls?: readonly ToolCall[] } = {},
): object[] {
  const chosen = formatOf(format)
  if (calls) checkAnswered(calls, results)
  const asked = calls && calls.length > 0 ? chosen.asked(calls) : []
  return results.length > 0 ? [...asked, ...chosen.results(results)] : asked
}

/** Providers refuse a conversation in which a call has no result. */
function checkAnswered(calls: readonly ToolCall[], results: readonly ToolResult[]): void {
  const answered = new Set(results.map(({ id }) => id))
  const open = calls.find(({ id }) => !answered.has(id))
  if (!open) return
  throw new AndonError(
    'invalid',
    `The call ${open.id} of ${open.name} has no result: give the results of all calls, as executeToolCalls returns them`,
  )
}

function formatOf(name: FormatName): Format {
  if (Object.hasOwn(formats, name)) return formats[name]
  throw new AndonError('invalid', `There is no format ${name}: there are ${Object.keys(formats).join(', ')}`)
}

/** Some providers refuse `$schema`. */
function withoutDialect(schema: Tool['input']): Tool['input'] {
  const { $schema: _, ...rest } = schema
  return rest
}
