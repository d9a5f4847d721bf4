// From a span of a passage to the citation that a reader can follow.

import type { Place } from '../core/document.ts'
import type { Citation, Passage } from '../core/question.ts'

/** Places of passages, by the passage's id. */
export type Places = ReadonlyMap<string, readonly Place[]>

/**
 * The citation of a span of a passage; `start` and `end` count in the document's stored text. Page and headings are
 * those of the place where the span begins; where the passage's places are not known, those of the whole passage.
 */
export function citationOf(passage: Passage, start: number, end: number, places?: Places): Citation {
  const { documentId, documentName, title } = passage
  const place = places?.get(passage.id)?.findLast((one) => one.start <= start)
  const page = place?.page ?? passage.page
  return {
    passageId: passage.id,
    documentId,
    documentName,
    title,
    headings: place?.headings ?? passage.headings,
    ...(page === undefined ? {} : { page }),
    start,
    end,
    quote: passage.text.slice(start - passage.start, end - passage.start),
  }
}
