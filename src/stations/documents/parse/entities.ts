// HTML's character references (`&amp;`, `&#8211;`) as the characters they stand for.

import { htmlDocument } from './dom.ts'

const known = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&apos;', "'"],
  ['&nbsp;', ' '],
])

/** Decodes every character reference that HTML knows; what is none stays as it is. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,31});/g, (reference) => {
    const before = known.get(reference)
    if (before !== undefined) return before
    const decoded = htmlDocument(`<p>${reference}</p>`).body.textContent ?? reference
    if (known.size < 3000) known.set(reference, decoded)
    return decoded
  })
}
