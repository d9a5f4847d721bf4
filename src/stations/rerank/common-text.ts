// How much of a question's own wording stands in a text, letter by letter: catches inflections, names and spellings
// that terms miss. One pass over the text, by the suffix automaton of the question (Blumer et al. 1985).

import { fold } from '../../text/fold.ts'

/** A text as letters and digits only, folded for search: no spaces, no punctuation. */
export function lettersOf(text: string): string {
  return fold(text).text.replace(/[\s\p{P}]+/gu, '')
}

export interface CommonText {
  /** Share of the question's pieces (two Chinese characters, or four others) that stand in the text. */
  pieces: number
  /** Longest stretch in common, as a share of the question. */
  longest: number
  /** Which pieces: numbers below {@link Wording.pieceNumbers}, each once. */
  which: number[]
}

const mostLetters = 600

/** Of the question compared last: code unit to its letter's number. One table for all, because it takes 128 kB. */
const letterNumbers = new Uint16Array(65_536)
let numbered: Map<number, number> = new Map()

/** A question prepared for comparison with many texts. */
export class Wording {
  readonly #letters: string
  /** Whether the question is Chinese: its pieces are two characters long, others four. */
  readonly chinese: boolean
  /** Which letters the question has: code unit to index from 1. */
  readonly #alphabet = new Map<number, number>()
  readonly #width: number
  /** `next[state * width + letter]`: the state after one more letter, 0 for none (state 0 is the root). */
  readonly #next: Int16Array
  readonly #link: Int16Array
  readonly #length: Int16Array
  /** For each state, the state of its last `piece` letters, or -1. */
  readonly #pieceOf: Int16Array
  /** How many of the question's pieces end in that state. */
  readonly #pieces: Int16Array
  readonly #seen: Uint8Array
  readonly #pieceLength: number
  #states = 1

  /** Questions of more than 600 letters are compared by their first 600. */
  constructor(question: string) {
    const letters = lettersOf(question).slice(0, mostLetters)
    this.#letters = letters
    this.chinese = /[\u3400-\u9fff]/.test(letters)
    this.#pieceLength = this.chinese ? 2 : 4
    for (let index = 0; index < letters.length; index++) {
      const code = letters.charCodeAt(index)
      if (!this.#alphabet.has(code)) this.#alphabet.set(code, this.#alphabet.size + 1)
    }
    const capacity = letters.length * 2 + 2
    this.#width = this.#alphabet.size + 1
    this.#next = new Int16Array(capacity * this.#width)
    this.#link = new Int16Array(capacity)
    this.#length = new Int16Array(capacity)
    this.#link[0] = -1
    this.#build()
    this.#pieceOf = new Int16Array(this.#states).fill(-1)
    this.#pieces = new Int16Array(this.#states)
    this.#seen = new Uint8Array(this.#states)
    this.#markPieces()
  }

  /** Compares with a text as {@link lettersOf} gives it. */
  compare(text: string): CommonText {
    const total = this.#letters.length - this.#pieceLength + 1
    if (this.#letters.length === 0) return { pieces: 0, longest: 0, which: [] }
    this.#useNumbers()
    const next = this.#next
    const width = this.#width
    this.#seen.fill(0)
    let state = 0
    let matched = 0
    let longest = 0
    let found = 0
    const which: number[] = []
    for (let index = 0; index < text.length; index++) {
      const letter = letterNumbers[text.charCodeAt(index)] ?? 0
      if (letter === 0) {
        state = 0
        matched = 0
        continue
      }
      let after = next[state * width + letter] ?? 0
      while (after === 0 && state !== 0) {
        state = this.#link[state] ?? 0
        matched = this.#length[state] ?? 0
        after = next[state * width + letter] ?? 0
      }
      if (after === 0) continue
      state = after
      matched++
      if (matched > longest) longest = matched
      if (matched >= this.#pieceLength) {
        const piece = this.#pieceOf[state] ?? -1
        if (piece >= 0 && this.#seen[piece] === 0) {
          this.#seen[piece] = 1
          found += this.#pieces[piece] ?? 0
          which.push(piece)
        }
      }
    }
    return { pieces: total > 0 ? found / total : 0, longest: longest / this.#letters.length, which }
  }

  /** One more than the highest number of a piece. */
  get pieceNumbers(): number {
    return this.#states
  }

  /** How often the question has a piece. */
  timesAsked(piece: number): number {
    return this.#pieces[piece] ?? 0
  }

  #useNumbers(): void {
    if (numbered === this.#alphabet) return
    for (const code of numbered.keys()) letterNumbers[code] = 0
    for (const [code, number] of this.#alphabet) letterNumbers[code] = number
    numbered = this.#alphabet
  }

  #build(): void {
    const next = this.#next
    const link = this.#link
    const length = this.#length
    const width = this.#width
    let last = 0
    for (let index = 0; index < this.#letters.length; index++) {
      const letter = this.#alphabet.get(this.#letters.charCodeAt(index)) ?? 0
      const added = this.#states++
      length[added] = (length[last] ?? 0) + 1
      let state = last
      while (state >= 0 && (next[state * width + letter] ?? 0) === 0) {
        next[state * width + letter] = added
        state = link[state] ?? -1
      }
      if (state < 0) link[added] = 0
      else {
        const target = next[state * width + letter] ?? 0
        if ((length[state] ?? 0) + 1 === length[target]) link[added] = target
        else link[added] = this.#split(state, letter, target)
      }
      last = added
    }
  }

  /** Gives the shorter strings of a state a state of their own. */
  #split(from: number, letter: number, target: number): number {
    const width = this.#width
    const copy = this.#states++
    this.#length[copy] = (this.#length[from] ?? 0) + 1
    this.#next.copyWithin(copy * width, target * width, (target + 1) * width)
    this.#link[copy] = this.#link[target] ?? 0
    this.#link[target] = copy
    let state = from
    while (state >= 0 && this.#next[state * width + letter] === target) {
      this.#next[state * width + letter] = copy
      state = this.#link[state] ?? -1
    }
    return copy
  }

  #markPieces(): void {
    const piece = this.#pieceLength
    for (let state = 0; state < this.#states; state++) {
      let holder = state
      while (holder > 0 && (this.#length[this.#link[holder] ?? 0] ?? 0) >= piece) holder = this.#link[holder] ?? 0
      if (holder > 0 && (this.#length[holder] ?? 0) >= piece) this.#pieceOf[state] = holder
    }
    let state = 0
    for (let index = 0; index < this.#letters.length; index++) {
      state = this.#next[state * this.#width + (this.#alphabet.get(this.#letters.charCodeAt(index)) ?? 0)] ?? 0
      const holder = this.#pieceOf[state] ?? -1
      if (index + 1 >= piece && holder >= 0) this.#pieces[holder] = (this.#pieces[holder] ?? 0) + 1
    }
  }
}
