// What came of a call as it stands in a prompt: between fences, made harmless like a passage, and cut when it is long.

import { estimateTokens } from '../../text/tokens.ts'
import { neutralise } from './neutralise.ts'
import { cutAtSentence } from './passage-block.ts'

/** A result of so many tokens is worth its place, however little of it that is. */
const smallestResult = 30

/** The block, of about `tokens` at most; `cut`: something was left out. Brackets stay: JSON has them. */
export function resultBlock(text: string, boundary: string, tokens: number): { text: string; cut: boolean } {
  const head = `=== ${boundary} result ===\n`
  const tail = `\n=== ${boundary} end ===`
  const clean = neutralise(text, boundary, false).trim()
  const room = tokens - estimateTokens(head) - estimateTokens(tail)
  if (estimateTokens(clean) <= room) return { text: head + (clean === '' ? '(empty)' : clean) + tail, cut: false }
  if (room < smallestResult) return { text: `${head}(left out: there is no room for it)${tail}`, cut: true }
  return { text: `${head}${cutAtSentence(clean, room)} … (cut)${tail}`, cut: true }
}
