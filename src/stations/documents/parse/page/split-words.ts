// A word whose last letters are drawn apart from it, as where a link target sits inside a heading, comes as two:
// "Balance Shee t". It is joined again where the document itself shows that it is one word.

import type { Row } from './lines.ts'

const lastTwo = /(?<![\p{L}\p{N}'’])(\p{L}{2,40}) (\p{L}{1,4})(?=[.:]?\s*$)/u

/**
 * Joins split words at the ends of segments, in place. Two pieces are one word when they stand together elsewhere on
 * these rows, and apart nowhere: neither piece is a word of its own. Of a single small letter ("Cash Flow s") that is
 * asked of the letter alone.
 */
export function joinSplitWords(rows: readonly Row[]): void {
  const segments = rows.flatMap((row) => row.segments)
  const suspects = segments.flatMap((segment) => {
    const [whole, first = '', last = ''] = lastTwo.exec(segment.text) ?? []
    const inCase = !/\p{Lu}/u.test(last) || !/\p{Ll}/u.test(first)
    return whole === undefined || !inCase
      ? []
      : [{ segment, whole, first: first.toLowerCase(), last: last.toLowerCase() }]
  })
  if (suspects.length === 0) return
  const words = new Map<string, number>()
  for (const { text } of segments)
    for (const [word] of text.matchAll(/\p{L}+/gu))
      words.set(word.toLowerCase(), (words.get(word.toLowerCase()) ?? 0) + 1)
  const pairs = new Map<string, number>()
  for (const { whole } of suspects) pairs.set(whole.toLowerCase(), (pairs.get(whole.toLowerCase()) ?? 0) + 1)
  for (const { segment, whole, first, last } of suspects) {
    const together = words.get(first + last) ?? 0
    const here = pairs.get(whole.toLowerCase()) ?? 0
    const onlyHere = (word: string): boolean => (words.get(word) ?? 0) <= here
    const isLetter = /\p{Ll}$/u.test(whole) && last.length === 1 && last !== 'a'
    if (together === 0 || !(isLetter || (onlyHere(first) && onlyHere(last)))) continue
    segment.text = segment.text.replace(lastTwo, '$1$2')
  }
}
