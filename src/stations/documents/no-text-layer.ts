// What to say of a document of pictures.

import { AndonError } from '../../core/errors.ts'

/** The error for a PDF without text on any of its pages. */
export function needsRecognition(name: string, pages: number): AndonError {
  const which = pages === 1 ? 'its only page has no text' : `none of its ${pages} pages has text`
  return new AndonError(
    'unsupported',
    `${name} has no text layer: ${which}. Run text recognition (OCR) on it first, for example with ocrmypdf, and add the result.`,
  )
}
