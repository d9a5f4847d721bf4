// How text becomes search terms, the same for documents and questions: English words as stems, numbers, compounds
// whole and in parts; Chinese as words, the words inside them, and two-character pieces.

import { classOf, classOfPair, digit, han, isHighSurrogate, isLowSurrogate, joiner, letter } from './characters.ts'
import { ChineseRuns } from './chinese-runs.ts'
import { analyseCompound } from './compounds.ts'
import { fold } from './fold.ts'
import type { Folded } from './fold.ts'
import { stem } from './stem.ts'
import { isChineseStopWord, isEnglishStopWord } from './stop-words.ts'
import type { Token } from './token.ts'

export { foldHan } from './han-folding.ts'
export type { Token } from './token.ts'

/** Name and version of these rules. Stored with an index: terms of another version do not match these. */
export const analyserName = 'andon-words@1'

/**
 * The terms of a text in order of where they start, the longer first; they may overlap. Offsets point into the text
 * as given. A term never holds a space or a quotation mark.
 */
export function analyse(text: string): Token[] {
  const tokens: Token[] = []
  const folded = fold(text)
  const chinese = new ChineseRuns(folded)
  const { codes, length } = folded
  let position = 0
  while (position < length) {
    const code = codes[position] ?? 0
    const pair = isHighSurrogate(code)
    const kind = pair ? classOfPair(code, codes[position + 1] ?? 0) : classOf(code)
    if (kind === letter || kind === digit) position = analyseRun(text, folded, position, tokens)
    else if (kind === han) position = chinese.analyse(tokens)
    else position += pair && isLowSurrogate(codes[position + 1] ?? 0) ? 2 : 1
  }
  return tokens
}

/** The terms of a question: without stop words, unless it has nothing else. */
export function questionTokens(text: string): Token[] {
  const tokens = analyse(text)
  const stops = tokens.filter((token) => token.kind === 'word' && isStopWord(token))
  const kept = tokens.filter((token) =>
    token.kind === 'bigram'
      ? !stops.some((stop) => stop.start < token.end && token.start < stop.end)
      : !isStopWord(token),
  )
  return kept.length > 0 ? kept : tokens
}

/** Whether a token says how something is asked rather than what. */
export function isStopWord(token: Token): boolean {
  return token.raw === undefined ? isChineseStopWord(token.term) : isEnglishStopWord(token.raw)
}

/** Adds the tokens of the letters and digits that begin at `start`; returns where they end. */
function analyseRun(text: string, folded: Folded, start: number, tokens: Token[]): number {
  const { codes, length } = folded
  let end = start
  let plain = true
  let digits = 0
  let capitalsAfterFirst = false
  while (end < length) {
    const code = codes[end] ?? 0
    if (code >= 0x61 && code <= 0x7a) {
      if (end > start && text.charCodeAt(end) !== code) capitalsAfterFirst = true
      end++
    } else if (code >= 0x30 && code <= 0x39) {
      digits++
      end++
    } else {
      const width = wordWidth(codes, end)
      if (width > 0) {
        if (code >= 0x300) plain = false
        end += width
      } else if (classOf(code) === joiner && wordWidth(codes, end + 1) > 0) {
        plain = false
        end++
      } else break
    }
  }
  const word = folded.text.slice(start, end)
  if (plain && digits === end - start) tokens.push({ term: word, start, end, kind: 'number' })
  else if (plain && digits === 0 && !capitalsAfterFirst) {
    tokens.push({ term: stem(word), start, end, kind: 'word', raw: word })
  } else analyseCompound(sameWidth(text.slice(start, end)), word, start, tokens)
  return end
}

/** Code units of the letter, mark or digit at a position; 0 when there is something else. */
function wordWidth(codes: Uint16Array, position: number): number {
  const code = codes[position] ?? 0
  if (isHighSurrogate(code)) return classOfPair(code, codes[position + 1] ?? 0) === letter ? 2 : 0
  const kind = classOf(code)
  return kind === letter || kind === digit ? 1 : 0
}

/** Full-width letters as ordinary ones, in their case, where that keeps the length. */
function sameWidth(original: string): string {
  const normal = original.normalize('NFKC')
  return normal.length === original.length ? normal : original
}
