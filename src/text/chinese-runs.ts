// The tokens of runs of Chinese characters: each word, the dictionary's words inside it, and two-character pieces
// wherever no two-character word stands already, so that a different segmentation of the question still finds the text.

import { isHighSurrogate, isLowSurrogate } from './characters.ts'
import { cutChinese, isChineseWord } from './chinese-words.ts'
import type { Folded } from './fold.ts'
import type { Token } from './token.ts'

/** The runs of Chinese of one text, from first to last. They are segmented together: one call costs less than many. */
export class ChineseRuns {
  readonly #folded: Folded
  #run = 0
  #words: string[] | undefined
  #word = 0

  constructor(folded: Folded) {
    this.#folded = folded
  }

  /** Adds the tokens of the next run; returns where it ends. */
  analyse(tokens: Token[]): number {
    const { codes, text, chinese } = this.#folded
    const words = (this.#words ??= cutChinese(joinRuns(text, chinese)))
    const start = chinese[this.#run] ?? text.length
    const end = chinese[this.#run + 1] ?? text.length
    this.#run += 2
    let position = start
    while (position < end) {
      const term = words[this.#word++]
      if (term === undefined) break
      if (term === separator) continue
      addWord(tokens, codes, text, term, position, end)
      position += term.length
    }
    return end
  }
}

const separator = '\n'

function joinRuns(text: string, runs: number[]): string {
  if (runs.length === 2) return text.slice(runs[0], runs[1])
  const parts: string[] = []
  for (let index = 0; index < runs.length; index += 2) parts.push(text.slice(runs[index], runs[index + 1]))
  return parts.join(separator)
}

function addWord(tokens: Token[], codes: Uint16Array, text: string, term: string, start: number, runEnd: number): void {
  const end = start + term.length
  tokens.push({ term, start, end, kind: 'word' })
  for (let position = start; position < end && position + 1 < runEnd; position++) {
    const first = codes[position] ?? 0
    const second = codes[position + 1] ?? 0
    const left = end - position
    if (term.length > 3 && left >= 3 && isChineseWord(first, second, codes[position + 2] ?? 0)) {
      tokens.push({ term: text.slice(position, position + 3), start: position, end: position + 3, kind: 'part' })
    }
    if (term.length === 2 && position === start) continue
    if (term.length > 2 && left >= 2 && isChineseWord(first, second, 0)) {
      tokens.push({ term: text.slice(position, position + 2), start: position, end: position + 2, kind: 'part' })
    } else if (!isHalf(first) && !isHalf(second)) {
      tokens.push({ term: text.slice(position, position + 2), start: position, end: position + 2, kind: 'bigram' })
    }
  }
}

function isHalf(code: number): boolean {
  return isHighSurrogate(code) || isLowSurrogate(code)
}
