// The simulated tokenizer: text in pieces about as long as a real vocabulary's, each with a number from which it can be
// told again. Nothing is learnt and nothing is stored.
//
// A piece is a word of up to six bytes with the space before it, one character of Chinese, Japanese or Korean, a run of
// the same white space, or another character by itself. English comes to about 1.3 pieces a word, as with common
// vocabularies. Its number is its UTF-8 bytes behind a leading 1, so at most 49 bits.

const mostBytes = 6
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** The pieces of a text, in order; put together they are the text. */
export function pieces(text: string): string[] {
  const found: string[] = []
  let at = 0
  while (at < text.length) {
    const end = pieceEnd(text, at)
    found.push(text.slice(at, end))
    at = end
  }
  return found
}

/** The number of a piece. */
export function tokenOf(piece: string): number {
  let number = 1
  if (isAscii(piece)) for (let at = 0; at < piece.length; at++) number = number * 256 + piece.charCodeAt(at)
  else for (const byte of encoder.encode(piece)) number = number * 256 + byte
  return number
}

/** The numbers of a text's pieces. */
export function tokenise(text: string): number[] {
  return pieces(text).map(tokenOf)
}

/** The text of numbers from `tokenise`. What no piece has is read as the replacement character. */
export function detokenise(tokens: readonly number[]): string {
  const bytes: number[] = []
  for (const token of tokens) {
    const own: number[] = []
    for (let rest = token; rest > 1; rest = Math.floor(rest / 256)) own.unshift(rest % 256)
    bytes.push(...own)
  }
  return decoder.decode(Uint8Array.from(bytes))
}

function pieceEnd(text: string, start: number): number {
  const first = text.charCodeAt(start)
  if (first === 10 || first === 9 || first === 13) return sameRun(text, start, first)
  if (first === 32) {
    const spaces = sameRun(text, start, 32)
    // The last space belongs to the word behind it.
    if (spaces - start > 1) return spaces < text.length && isWord(text.charCodeAt(spaces)) ? spaces - 1 : spaces
    return spaces < text.length && isWord(text.charCodeAt(spaces)) ? wordEnd(text, spaces, 1) : spaces
  }
  if (isWord(first)) return wordEnd(text, start, 0)
  return start + width(text, start)
}

function sameRun(text: string, start: number, code: number): number {
  let end = start + 1
  while (end < text.length && end - start < mostBytes && text.charCodeAt(end) === code) end++
  return end
}

function wordEnd(text: string, start: number, taken: number): number {
  let bytes = taken
  let end = start
  while (end < text.length) {
    const code = text.charCodeAt(end)
    if (!isWord(code)) break
    const cost = code < 0x80 ? 1 : 2
    if (bytes + cost > mostBytes) break
    bytes += cost
    end++
  }
  return end
}

/** Letters, digits and the letters of other alphabets that take two bytes. */
function isWord(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    (code >= 0xc0 && code < 0x800)
  )
}

/** Code units of the character at a place. */
function width(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code < 0xd800 || code > 0xdbff) return 1
  const next = text.charCodeAt(at + 1)
  return next >= 0xdc00 && next <= 0xdfff ? 2 : 1
}

function isAscii(piece: string): boolean {
  for (let at = 0; at < piece.length; at++) if (piece.charCodeAt(at) >= 0x80) return false
  return true
}
