// Arguments of a call, from JSON text or as they are. Text that is no JSON is never repaired: the model is told where it
// breaks off and can send it again.

import type { ToolCall } from './tool.ts'

/** UTF-16 units of arguments as text; more is no call but an attack on whoever reads it. */
const longestText = 4 * 1024 * 1024

/** The arguments as an object, or what is wrong with them. Empty text, which models send for no arguments, is `{}`. */
export function readArguments(call: ToolCall): { value: object } | { problem: string } {
  const given: unknown = call.arguments
  let value = given
  if (typeof given === 'string') {
    if (given.length > longestText) {
      return { problem: `they have ${given.length} characters, more than ${longestText}: send less at once` }
    }
    if (given.trim() === '') return { value: {} }
    try {
      value = JSON.parse(given)
    } catch (reason) {
      return { problem: `they are no JSON: ${whereItBreaks(given, reason)}. Send them again as one JSON object` }
    }
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { value }
  const shown = JSON.stringify(value) ?? String(value)
  return { problem: `they are ${shown.slice(0, 80)}, and must be one JSON object of named arguments` }
}

function whereItBreaks(text: string, reason: unknown): string {
  const message = reason instanceof Error ? reason.message : String(reason)
  const position = / at position (\d+)/.exec(message)?.[1]
  if (position === undefined) return `${message} (the text ends ${quoted(text.slice(-30))})`
  const at = Number(position)
  return `${message}, behind ${quoted(text.slice(Math.max(0, at - 30), at))}`
}

function quoted(text: string): string {
  return JSON.stringify(text)
}
