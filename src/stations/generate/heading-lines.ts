// Which of the sentences to quote are headings of their document, and what stands first under one: a heading alone tells
// nothing.

import type { Passage } from '../../core/question.ts'
import { splitSentences } from '../../text/sentences.ts'
import type { Places } from '../citation.ts'

/** What is quoted: a span of a document's stored text. */
interface Quoted {
  start: number
  end: number
  text: string
}

/** Whether a sentence is a heading of its document, or a part of one. Never, where the passage's places are not known. */
export function isHeading({ start, end }: Quoted, passage: Passage, places: Places | undefined): boolean {
  const place = places?.get(passage.id)?.findLast((one) => one.start <= start)
  const heading = place?.headings.at(-1)
  if (place === undefined || heading === undefined || end > place.start + heading.length) return false
  const from = place.start - passage.start
  // A page that begins in the middle of a section is a place as well, and begins with no heading.
  return passage.text.startsWith(heading, from) && /^\s*(?:\n|$)/.test(passage.text.slice(from + heading.length))
}

/** The sentence behind a heading in its passage, when it is one that says something: no heading and no row of a table. */
export function firstUnder<T extends Quoted>(heading: T, passage: Passage, places: Places | undefined): T | undefined {
  const from = heading.end - passage.start
  const [next] = splitSentences(passage.text.slice(from))
  if (next === undefined) return undefined
  const text = passage.text.slice(from + next.start, from + next.end)
  const sentence = { ...heading, start: heading.end + next.start, end: heading.end + next.end, text }
  return text.startsWith('|') || isHeading(sentence, passage, places) ? undefined : sentence
}
