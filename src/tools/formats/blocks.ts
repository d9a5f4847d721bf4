// A result as a list of blocks, as MCP servers give them: text, pictures, sound, files. Each provider is given what it can
// take, and a note in words of what it cannot.

import type { Plain } from '../../core/plain.ts'

/** A part of a result. */
export type Block =
  | { type: 'text'; text: string }
  /** `data` is base64. */
  | { type: 'image' | 'audio'; data: string; mimeType: string }

type Fields = { readonly [key: string]: Plain | undefined }

/** The blocks of a result that has a picture or a sound among them; undefined of every other, which goes as it is. */
export function blocksOf(value: Plain | undefined): Block[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const blocks = (value as readonly Plain[]).map(blockOf)
  if (!blocks.every((block) => block !== undefined)) return undefined
  return blocks.some(({ type }) => type !== 'text') ? blocks : undefined
}

/** What stands for a block where it cannot go. */
export function noteOf(block: Block): string {
  if (block.type === 'text') return block.text
  const kib = Math.max(1, Math.round((block.data.length * 3) / 4 / 1_024))
  const what = block.type === 'image' ? 'picture' : 'sound'
  return `[A ${what} (${block.mimeType}, ${kib} KiB) that cannot be shown here]`
}

/** Whether it is a picture of a kind that providers read. */
export function isPicture(block: Block): block is Extract<Block, { data: string }> {
  return block.type === 'image' && ['image/png', 'image/jpeg', 'image/gif', 'image/webp'].includes(block.mimeType)
}

/** All blocks as one text, each that is no text as a note. */
export function notedText(blocks: readonly Block[]): string {
  return blocks.map(noteOf).join('\n')
}

function blockOf(value: Plain): Block | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { type, text, data, mimeType, uri, resource } = value as Fields
  if (type === 'text' && typeof text === 'string') return { type, text }
  if ((type === 'image' || type === 'audio') && typeof data === 'string' && typeof mimeType === 'string') {
    return { type, data, mimeType }
  }
  if (type === 'resource_link' && typeof uri === 'string') return { type: 'text', text: JSON.stringify(value) }
  return type === 'resource' ? resourceBlock(resource) : undefined
}

function resourceBlock(resource: Plain | undefined): Block | undefined {
  if (typeof resource !== 'object' || resource === null || Array.isArray(resource)) return undefined
  const { uri, text, blob, mimeType } = resource as Fields
  if (typeof uri !== 'string') return undefined
  if (typeof text === 'string') return { type: 'text', text: `${uri}\n${text}` }
  const kind = typeof mimeType === 'string' ? mimeType.split('/')[0] : undefined
  if (typeof blob === 'string' && typeof mimeType === 'string' && (kind === 'image' || kind === 'audio')) {
    return { type: kind, data: blob, mimeType }
  }
  return { type: 'text', text: `[The file ${uri}, which cannot be shown here]` }
}
