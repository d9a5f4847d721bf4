// Words that are more than a row of letters: `3,200.5`, `e-mail`, `node:fs/promises`, `createFactory`, `GPT4`, `O'Neill`.
// They are found whole, by their parts, and written together.

import { foldOf } from './characters.ts'
import { stem } from './stem.ts'
import type { Token } from './token.ts'

const groupedNumber = /^\d{1,3}(,\d{3})+(\.\d+)?$/
const plainNumber = /^\d+(\.\d+)*$/
const changeOfCase = /[a-z][A-Z]|\d[a-zA-Z]|[a-zA-Z]\d/
const casePieces = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+(?:\.\d+)?|[^\0-\x7f]+/g
const contractions = new Set(['s', 't', 're', 'll', 've', 'd'])

/**
 * Adds the tokens of a run of letters and digits held together by `. _ ' - / & ,`. `folded` is the run as folded for
 * search, `original` as written, both of the same length; `start` is where the run begins in the text.
 */
export function analyseCompound(original: string, folded: string, start: number, tokens: Token[]): void {
  if (groupedNumber.test(folded)) {
    tokens.push({ term: folded.replaceAll(',', ''), start, end: start + folded.length, kind: 'number' })
    return
  }
  const wordsBefore = tokens.length
  for (const [piece, offset] of piecesOf(folded, /[^,/&]+/g)) {
    analysePiece(original.slice(offset, offset + piece.length), piece, start + offset, tokens)
  }
  if (tokens.length - wordsBefore > 1) {
    const added = tokens.splice(wordsBefore).sort((left, right) => left.start - right.start || right.end - left.end)
    for (const token of added) tokens.push(token)
  }
}

function analysePiece(original: string, piece: string, start: number, tokens: Token[]): void {
  if (plainNumber.test(piece)) {
    tokens.push({ term: piece, start, end: start + piece.length, kind: 'number' })
    return
  }
  const parts = piecesOf(piece, /[^._'-]+/g)
  const apostrophe = piece.includes("'")
  for (const [part, offset] of parts) {
    if (parts.length > 1 && apostrophe && contractions.has(part)) continue
    const partStart = start + offset
    const term = termOf(part)
    tokens.push({
      term,
      start: partStart,
      end: partStart + part.length,
      kind: isDigit(part) ? 'number' : 'word',
      raw: part,
    })
    addCasePieces(original.slice(offset, offset + part.length), partStart, tokens)
  }
  if (parts.length > 1 && parts.length <= 4 && !apostrophe) {
    const joined = parts.map(([part]) => part).join('')
    if (joined.length >= 3 && joined.length <= 30) {
      tokens.push({ term: termOf(joined), start, end: start + piece.length, kind: 'joined' })
    }
  }
}

/** `createFactory` also as `create` and `factory`, `GPT4` also as `gpt` and `4`. */
function addCasePieces(original: string, start: number, tokens: Token[]): void {
  if (!changeOfCase.test(original)) return
  const pieces = piecesOf(original, casePieces)
  if (pieces.length < 2) return
  for (const [piece, offset] of pieces) {
    const raw = foldWord(piece)
    tokens.push({ term: stem(raw), start: start + offset, end: start + offset + piece.length, kind: 'part', raw })
  }
}

/** The term of a folded word: combining marks are put onto their letters first, so that both spellings of é agree. */
export function termOf(word: string): string {
  return stem(combining.test(word) ? foldWord(word.normalize('NFC')) : word)
}

const combining = /[\u0300-\u036f\u1100-\u11ff]/

function foldWord(word: string): string {
  let folded = ''
  for (let index = 0; index < word.length; index++) folded += String.fromCharCode(foldOf(word.charCodeAt(index)))
  return folded
}

function piecesOf(text: string, pattern: RegExp): [piece: string, offset: number][] {
  return Array.from(text.matchAll(pattern), (match) => [match[0], match.index])
}

function isDigit(text: string): boolean {
  return text >= '0' && text < ':'
}
