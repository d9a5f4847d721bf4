// What a provider's wire format must be able to do with tools: show them, read calls, give results back.

import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import type { Tool, ToolCall, ToolResult } from '../tool.ts'
import { blocksOf, notedText } from './blocks.ts'

/** One provider's shapes. Messages are plain objects, as they go over the wire. */
export interface Format {
  /** What goes under `tools` of a request. */
  tools(tools: readonly Tool[]): object[]
  /** The calls in an assistant's message, or in the whole reply it came in. */
  calls(message: unknown): ToolCall[]
  /** The assistant's message that asks for these calls. */
  asked(calls: readonly ToolCall[]): object[]
  /** The messages that give the results back. */
  results(results: readonly ToolResult[]): object[]
}

export type Fields = Record<string, unknown>

/** An object's fields; undefined when the value is no object. */
export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
}

/** A list of objects; everything else in it is left out. */
export function objectsOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf).filter((fields) => fields !== undefined) : []
}

/** A field that must be text. */
export function textOf(fields: Fields, name: string, where: string): string {
  const value = fields[name]
  if (typeof value === 'string' && value !== '') return value
  throw new AndonError(
    'invalid',
    `${where} has ${value === undefined ? `no \`${name}\`` : `\`${name}\` ${JSON.stringify(value)}`}: give the message as the provider sent it`,
  )
}

/** Arguments as text, for formats that want text. */
export function argumentsText(call: ToolCall): string {
  return typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments)
}

/** Arguments as an object, for formats that want one. Text that is no object is passed on whole, so that nothing is lost. */
export function argumentsObject(call: ToolCall): { readonly [key: string]: Plain | undefined } {
  if (typeof call.arguments !== 'string') return call.arguments
  try {
    const value = fieldsOf(JSON.parse(call.arguments.trim() === '' ? '{}' : call.arguments))
    if (value) return value as { [key: string]: Plain }
  } catch {
    // Told below.
  }
  return { text: call.arguments }
}

/**
 * What the model reads of a result: text as it is, anything else as JSON, a failure as JSON with `error`. Pictures and
 * sounds are notes in words.
 */
export function resultText({ ok, value, error }: ToolResult): string {
  if (!ok) return JSON.stringify({ error: error ?? { kind: 'failed', message: 'It failed', retryable: false } })
  if (typeof value === 'string') return value
  const blocks = blocksOf(value)
  return blocks ? notedText(blocks) : JSON.stringify(value ?? null)
}

/** A message of no known shape. */
export function unreadable(format: string, expected: string): AndonError {
  return new AndonError('invalid', `No message of ${format}: expected ${expected}`)
}
