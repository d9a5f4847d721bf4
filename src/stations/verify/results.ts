// Results of tools as evidence: a figure that a calculator gave is borne out by it, also when the sentence rounds it or
// says a share as a percentage.

import { Rational } from '../../calculate/rational.ts'
import type { NumberFact } from '../../text/entities.ts'
import { figureOf, toleranceOf } from './figure.ts'
import { sourceOf } from './support.ts'
import type { Claim, Source } from './support.ts'

const hundred = Rational.of(100)

/** Takes the text of a result apart, like a passage that cannot be cited. */
export function resultOf(text: string): Source {
  return sourceOf({
    id: '',
    documentId: '',
    documentName: '',
    title: '',
    collection: '',
    headings: [],
    kind: 'paragraph',
    ordinal: 0,
    start: 0,
    end: text.length,
    text,
  })
}

/** The numbers of a claim that results hold, to the digits that are said. */
export function heldByResults(claim: Claim, results: readonly Source[]): Set<NumberFact> {
  const held = new Set<NumberFact>()
  if (results.length === 0) return held
  const given = results.flatMap(({ facts, whole }) => facts.numbers.map((number) => figureOf(number, whole)))
  for (const number of claim.facts.numbers) {
    const figure = figureOf(number, '')
    // One digit is too few to be told from chance, but for the very number.
    const tolerance = number.digits < 2 ? Rational.zero : toleranceOf(figure, claim.rounded)
    const near = (value: Rational): boolean => value.minus(figure.value).absolute().compare(tolerance) <= 0
    if (given.some(({ value }) => near(value) || (number.percent && near(value.times(hundred))))) held.add(number)
  }
  return held
}
