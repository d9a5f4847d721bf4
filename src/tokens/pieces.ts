// A long text in pieces that a tokenizer takes in a few milliseconds, cut where it would cut as well.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { throwIfOver } from '../core/call.ts'
import type { Call } from '../core/station.ts'

/**
 * Characters of a piece. Tokenizers take time by the square of a word's length, and there are words without an end:
 * half a second for a run of 50,000 letters, some milliseconds for one of this many.
 */
const longest = 4_096

/** Milliseconds of counting after which others have a turn. */
const turnMs = 8

/** The pieces, in order; together they are the text. A cut costs at most one token, and none between two words. */
export function* pieces(text: string): Generator<string, void, undefined> {
  let start = 0
  while (text.length - start > longest) {
    const end = cutBefore(text, start + longest, start + longest / 2)
    yield text.slice(start, end)
    start = end
  }
  yield text.slice(start)
}

/** The sum of `count` over the pieces. Others have a turn every few milliseconds, and the call may end in between. */
export async function countPieces(text: string, count: (piece: string) => number, call: Call): Promise<number> {
  throwIfOver(call)
  let sum = 0
  let since = performance.now()
  for (const piece of pieces(text)) {
    sum += count(piece)
    if (performance.now() - since < turnMs) continue
    await nextTurn()
    throwIfOver(call)
    since = performance.now()
  }
  return sum
}

/** Before a single space between two words, which belongs to the second; else anywhere but inside a character. */
function cutBefore(text: string, latest: number, earliest: number): number {
  for (let place = latest; place > earliest; place--)
    if (text[place] === ' ' && !isSpace(text[place - 1]) && !isSpace(text[place + 1])) return place
  const low = text.charCodeAt(latest)
  return low >= 0xdc00 && low < 0xe000 ? latest - 1 : latest
}

function isSpace(character: string | undefined): boolean {
  return character === undefined || /\s/.test(character)
}
