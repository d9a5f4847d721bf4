// A numbered passage as it stands in a prompt, between its fences, cut where a sentence ends.

import type { Passage } from '../../core/question.ts'
import { estimateTokens } from '../../text/tokens.ts'
import { neutralise, neutraliseLine } from './neutralise.ts'

/** Smallest piece of a passage that is worth its place, in tokens. */
export const smallestPiece = 60

/** How a passage is told. */
export interface BlockOptions {
  boundary: string
  /** What it may take. */
  tokens: number
  /** Whether its document's id stands with it, for tools that read on there. */
  ids: boolean
}

/** The passage in its fence, cut at a sentence when it must be, or undefined when too little of it would fit. */
export function passageBlock(
  passage: Passage,
  number: number,
  { boundary, tokens, ids }: BlockOptions,
): string | undefined {
  const place = [passage.title || passage.documentName, ...passage.headings].filter((part) => part !== '')
  const page = passage.page === undefined ? '' : ` (page ${passage.page})`
  const source = `Source: ${neutraliseLine(place.join(' › '), boundary)}${page}${ids ? `, document ${passage.documentId}` : ''}`
  const head = `=== ${boundary} passage ${number} ===\n${source}\n`
  const tail = `\n=== ${boundary} end ===`
  const room = tokens - estimateTokens(head) - estimateTokens(tail)
  const whole = passage.prefix === undefined ? passage.text : `${passage.prefix}\n${passage.text}`
  const text = neutralise(whole, boundary, passage.kind !== 'code').trim()
  if (estimateTokens(text) <= room) return head + text + tail
  if (room < smallestPiece) return undefined
  return `${head}${cutAtSentence(text, room)} …${tail}`
}

/** The longest beginning of at most `tokens` that ends with a sentence, or anywhere when none ends in its second half. */
export function cutAtSentence(text: string, tokens: number): string {
  let low = 0
  let high = text.length
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (estimateTokens(text.slice(0, middle)) <= tokens - 2) low = middle
    else high = middle - 1
  }
  // Not between the halves of a character.
  const code = text.charCodeAt(low - 1)
  const cut = text.slice(0, code >= 0xd800 && code <= 0xdbff ? low - 1 : low)
  const end = Math.max(...['. ', '! ', '? ', '\n', '。', '！', '？'].map((mark) => cut.lastIndexOf(mark)))
  return end > cut.length / 2 ? cut.slice(0, end + 1).trimEnd() : cut
}
