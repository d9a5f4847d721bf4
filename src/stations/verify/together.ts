// Whether figures stand together in a source: in a few sentences or rows that follow each other, or in what is above
// them. What stands together may have been worked out there; what stands apart has nothing to do with each other.

import { sameNumber } from '../../text/entities.ts'
import type { NumberFact } from '../../text/entities.ts'
import type { Source } from './support.ts'

/** Sentences or rows that follow each other and count as one place. */
const near = 3

/** Whether one place of one source has all these figures, in any notation. */
export function standTogether(numbers: readonly NumberFact[], sources: readonly Source[]): boolean {
  return sources.some((source) => {
    const { facts, sentences, whole, passage, percent, scale } = source
    const offset = whole.length - passage.text.length
    const options = { rounded: true, ...(scale === undefined ? {} : { scale }) }
    return sentences.some((first, place) => {
      const last = sentences[Math.min(place + near, sentences.length) - 1] ?? first
      const here = facts.numbers.filter(
        ({ start, end }) => end <= offset || (start >= first.start + offset && end <= last.end + offset),
      )
      return numbers.every((number) =>
        here.some((other) => sameNumber(number, other, options) && (!number.percent || other.percent || percent)),
      )
    })
  })
}
