// What one character means to the analyser, and how a text is folded without moving any character: tables over the
// 65,536 UTF-16 code units, filled the first time a code unit is met.

import { foldHanCharacter } from './han-folding.ts'

/** What a code unit of a folded text is: something between words, part of a word, Chinese, or a joiner inside a word. */
export const other = 0
export const letter = 1
export const digit = 2
export const han = 3
/** One of `. _ ' - / & ,` – part of a word only between two letters or digits. */
export const joiner = 4

const unknown = 255
const folds = new Uint16Array(65_536)
const classes = new Uint8Array(65_536).fill(unknown)
const pairClasses = new Map<number, number>()

const letterPattern = /[\p{L}\p{M}\p{N}]/u
const hanPattern = /\p{Script=Han}/u
const accentedPattern = /[\p{Script=Latin}\p{Script=Greek}]/u
const strokes: Record<string, string> = { ø: 'o', ł: 'l', đ: 'd', ħ: 'h', ŧ: 't', ı: 'i' }

/**
 * The code unit that stands for this one in search: NFKC where that keeps the length, lower case, straight quotes and
 * hyphens, Latin and Greek letters without their accents, Traditional Chinese as Simplified. Surrogates stay.
 */
export function foldOf(code: number): number {
  const known = folds[code] ?? 0
  if (known !== 0) return known
  const folded = computeFold(code)
  folds[code] = folded
  return folded
}

/** The class of a folded code unit that is no surrogate. */
export function classOf(code: number): number {
  const known = classes[code] ?? unknown
  if (known !== unknown) return known
  const computed = computeClass(String.fromCharCode(code))
  classes[code] = computed
  return computed
}

/** The class of the character that two code units make together; `other` when the second is no low surrogate. */
export function classOfPair(high: number, low: number): number {
  if (!isLowSurrogate(low)) return other
  const key = (high << 16) | low
  let known = pairClasses.get(key)
  if (known === undefined) {
    known = computeClass(String.fromCharCode(high, low))
    if (pairClasses.size > 20_000) pairClasses.clear()
    pairClasses.set(key, known)
  }
  return known
}

/** Whether this code unit is the first half of a character outside the basic plane. */
export function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff
}

/** Whether this code unit is the second half of a character outside the basic plane. */
export function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff
}

function computeFold(code: number): number {
  if (code >= 0xd800 && code <= 0xdfff) return code
  const character = String.fromCharCode(code)
  let folded = character.normalize('NFKC')
  if (folded.length !== 1) folded = character
  if (folded === '\u2018' || folded === '\u2019') return 0x27
  if ((folded >= '\u2010' && folded <= '\u2015') || folded === '\u2212') return 0x2d
  const lower = folded.toLowerCase()
  if (lower.length === 1) folded = lower
  if (folded < '\u00c0') return folded.charCodeAt(0)
  if (folded >= '\u3400') return foldHanCharacter(folded).charCodeAt(0)
  if (accentedPattern.test(folded)) {
    const base = strokes[folded] ?? folded.normalize('NFD').replace(/[\u0300-\u036f]+/g, '')
    if (base.length === 1) folded = base
  }
  return folded.charCodeAt(0)
}

function computeClass(character: string): number {
  if (character >= '0' && character <= '9') return digit
  if ("._'-/&,".includes(character)) return joiner
  if (hanPattern.test(character)) return han
  return letterPattern.test(character) ? letter : other
}
