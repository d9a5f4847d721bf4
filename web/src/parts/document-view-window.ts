// The part of a document's text that is held for showing: one contiguous window that grows at either end and lets go
// at the other, so that a book costs no more than a page.

import type { Block, DocumentInfo, DocumentText } from '../../../src/core/document.ts'
import { call, getJson } from '../api/client.ts'

/** Characters fetched at once, and the most that are held. */
const step = 16_000
const most = 64_000

/** Characters before the place that is looked for. */
const before = 6_000

/** A window of a document's text with the blocks that touch it. Offsets count from the start of the whole text. */
export interface TextWindow {
  document: DocumentInfo
  start: number
  end: number
  length: number
  text: string
  blocks: Block[]
}

/** The window around a place. */
export async function windowAt(id: string, start: number, end: number, signal?: AbortSignal): Promise<TextWindow> {
  const from = Math.max(0, start - before)
  return await read(id, from, Math.max(from + step, end + before), signal)
}

/** The window with more above or below, and less at its other end when it got too long. */
export async function grown(window: TextWindow, where: 'above' | 'below', signal?: AbortSignal): Promise<TextWindow> {
  const { id } = window.document
  if (where === 'above') {
    const more = await read(id, Math.max(0, window.start - step), window.start, signal)
    return trimmed(joined(more, window), 'below')
  }
  const more = await read(id, window.end, Math.min(window.length, window.end + step), signal)
  return trimmed(joined(window, more), 'above')
}

/** The text of a span of the window. */
export function textOf(window: TextWindow, start: number, end: number): string {
  return window.text.slice(Math.max(0, start - window.start), Math.max(0, end - window.start))
}

/** The text between two offsets, without blocks, in pieces as they come. */
export async function* piecesOfText(
  id: string,
  span: { start: number; end: number },
  signal?: AbortSignal,
): AsyncGenerator<string, void> {
  for (let start = span.start; start < span.end; start += most * 4) {
    const end = Math.min(span.end, start + most * 4)
    const response = await call(`${path(id)}?start=${start}&end=${end}`, { headers: { accept: 'text/plain' }, signal })
    yield await response.text()
  }
}

async function read(id: string, start: number, end: number, signal: AbortSignal | undefined): Promise<TextWindow> {
  return await getJson<DocumentText>(`${path(id)}?start=${start}&end=${end}`, { signal })
}

function path(id: string): string {
  return `/v1/documents/${encodeURIComponent(id)}/text`
}

function joined(above: TextWindow, below: TextWindow): TextWindow {
  const known = new Set(above.blocks.map(({ start }) => start))
  return {
    ...below,
    start: above.start,
    text: above.text + below.text,
    blocks: [...above.blocks, ...below.blocks.filter(({ start }) => !known.has(start))],
  }
}

function trimmed(window: TextWindow, at: 'above' | 'below'): TextWindow {
  const extra = window.text.length - most
  if (extra <= 0) return window
  const start = at === 'above' ? window.start + extra : window.start
  const end = at === 'below' ? window.end - extra : window.end
  return {
    ...window,
    start,
    end,
    text: textOf(window, start, end),
    blocks: window.blocks.filter((block) => block.end > start && block.start < end),
  }
}
