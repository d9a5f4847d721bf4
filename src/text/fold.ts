// A whole text folded for search: every code unit replaced by the one that stands for it, so that all offsets stay.

import { classOf, classOfPair, foldOf, han, isHighSurrogate, isLowSurrogate, other } from './characters.ts'
import { foldHanCharacter } from './han-folding.ts'

export interface Folded {
  /** Folded code units. Valid until the next call of `fold`; may be longer than the text, with zeros after it. */
  codes: Uint16Array
  /** Number of code units. */
  length: number
  text: string
  /** Starts and ends of the runs of Chinese, one after the other. */
  chinese: number[]
}

/** Texts up to this length share one buffer. */
const sharedLength = 16_384
const shared = Buffer.alloc((sharedLength + 2) * 2)

/** Folds a text. Texts of ASCII letters alone take a shorter way to the same result. */
export function fold(text: string): Folded {
  const length = text.length
  const bytes = length <= sharedLength ? shared : Buffer.alloc((length + 2) * 2)
  bytes.write(text, 'utf16le')
  const codes = new Uint16Array(bytes.buffer, bytes.byteOffset, length + 2)
  codes[length] = 0
  codes[length + 1] = 0
  const chinese: number[] = []
  let chineseUntil = -1
  let ascii = true
  for (let index = 0; index < length; index++) {
    const code = codes[index] ?? 0
    if (code < 128) {
      if (code >= 0x41 && code <= 0x5a) codes[index] = code + 32
      continue
    }
    ascii = false
    let width = 1
    let kind = other
    if (isHighSurrogate(code)) {
      const low = codes[index + 1] ?? 0
      if (isLowSurrogate(low)) {
        width = 2
        kind = foldPair(codes, index, code, low)
      }
    } else {
      const folded = foldOf(code)
      codes[index] = folded
      kind = classOf(folded)
    }
    if (kind === han) {
      if (chineseUntil === index) chinese[chinese.length - 1] = index + width
      else chinese.push(index, index + width)
      chineseUntil = index + width
    }
    index += width - 1
  }
  return { codes, length, text: ascii ? text.toLowerCase() : bytes.toString('utf16le', 0, length * 2), chinese }
}

/** Folds a character of two code units in place, where its folded form has two as well; returns its class. */
function foldPair(codes: Uint16Array, index: number, high: number, low: number): number {
  if (classOfPair(high, low) === other) return other
  const character = String.fromCharCode(high, low)
  let folded = character.normalize('NFKC').toLowerCase()
  if (folded.length !== 2) folded = character
  if (classOfPair(folded.charCodeAt(0), folded.charCodeAt(1)) === han) folded = foldHanCharacter(folded)
  codes[index] = folded.charCodeAt(0)
  codes[index + 1] = folded.charCodeAt(1)
  return classOfPair(folded.charCodeAt(0), folded.charCodeAt(1))
}
