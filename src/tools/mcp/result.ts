// What a server answers to a call, as a value of this house: its structured content, its text, or a list of blocks.

import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import { callFailed } from '../failure.ts'

type Fields = { readonly [key: string]: Plain | undefined }

/**
 * Reads a result of `tools/call`. Structured content comes first, then a text that is alone (as the JSON in it when the
 * tool has an output schema), then the blocks as they are. Fails with its text when the server says that it failed.
 */
export function valueOf(result: unknown, tool: { json?: boolean }): Plain {
  if (!isFields(result)) throw new AndonError('internal', `answered ${JSON.stringify(result)}, which is no result`)
  const { content, structuredContent, isError } = result
  const blocks = Array.isArray(content) ? (content as Plain[]).filter(isFields) : []
  if (isError === true) throw callFailed({ kind: 'failed', message: textOf(blocks) || 'failed, and does not say why' })
  if (structuredContent !== undefined && structuredContent !== null) return structuredContent
  const [only] = blocks
  if (blocks.length !== 1 || only?.['type'] !== 'text') return blocks.map(plainBlock)
  const text = wordOf(only['text'])
  return tool.json === true ? parsed(text) : text
}

/** A block without what is for other programs. */
function plainBlock(block: Fields): Fields {
  return Object.fromEntries(Object.entries(block).filter(([name]) => name !== '_meta' && name !== 'annotations'))
}

function textOf(blocks: readonly Fields[]): string {
  return blocks
    .map(({ type, text }) => (type === 'text' ? wordOf(text) : `[${wordOf(type)}]`))
    .join('\n')
    .trim()
}

function wordOf(value: Plain | undefined): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function parsed(text: string): Plain {
  try {
    return JSON.parse(text) as Plain
  } catch {
    return text
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
