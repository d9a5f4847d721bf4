// Passages for the tests of the check: a document each, with nothing said about it that a test does not say.

import type { Passage } from '../../core/question.ts'
import { checkSentence } from './check.ts'
import type { Checked } from './check.ts'

export function passage(id: string, text: string, more: Partial<Passage> = {}): Passage {
  return {
    id,
    documentId: id,
    documentName: `${id}.md`,
    title: '',
    collection: 'default',
    headings: [],
    kind: 'paragraph',
    ordinal: 0,
    start: 0,
    end: text.length,
    text,
    ...more,
  }
}

/** The check of a sentence that cites all of these passages. */
export function check(sentence: string, ...passages: Passage[]): Checked {
  return checkSentence({ sentence, cited: passages.map(({ id }) => id), passages })
}
