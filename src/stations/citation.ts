// From a span of a passage to the citation that a reader can follow.

import type { Citation, Passage } from '../core/question.ts'

/** The citation of a span of a passage; `start` and `end` count in the document's stored text. */
export function citationOf(passage: Passage, start: number, end: number): Citation {
  const { documentId, documentName, title, headings, page } = passage
  return {
    passageId: passage.id,
    documentId,
    documentName,
    title,
    headings,
    ...(page === undefined ? {} : { page }),
    start,
    end,
    quote: passage.text.slice(start - passage.start, end - passage.start),
  }
}
