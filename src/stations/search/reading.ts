// A question taken apart before any index is asked: its terms, what is named in them, what can be said otherwise, and
// where it says to look.

import { questionTokens } from '../../text/analyse.ts'
import type { Token } from '../../text/analyse.ts'
import { equivalents } from './equivalents.ts'
import type { Equivalent } from './equivalents.ts'
import { askedPart } from './instructions.ts'

export interface Reading {
  /** The whole question. */
  question: string
  /** What it asks, without instructions on how to answer. */
  asked: string
  tokens: Token[]
  equivalents: Equivalent[]
  /** Terms written like names, and figures: the ones that titles and names of documents have. */
  names: string[]
  /** The terms of the place to look at ("in the balance sheet"), in several ways; none when no place is named. */
  places: string[][]
}

/** Reads a question. */
export function readQuestion(question: string): Reading {
  const { text: asked, left, places } = askedPart(question)
  const all = questionTokens(question)
  const tokens = all.filter((token) => !isWithin(token, left))
  const found = equivalents(question).filter((one) => !isWithin(one, left))
  const searched = tokens.length > 0 ? tokens : all
  return {
    question,
    asked: tokens.length > 0 ? asked : question,
    tokens: searched,
    equivalents: found,
    names: unique(searched.filter((token) => isName(question.slice(token.start, token.end))).map(({ term }) => term)),
    places: placesOf(searched, found, places),
  }
}

interface Span {
  start: number
  end: number
}

function isWithin({ start, end }: Span, spans: readonly Span[]): boolean {
  return spans.some((span) => span.start < end && start < span.end)
}

/** A capital in front, or a digit anywhere. */
function isName(word: string): boolean {
  return /^\p{Lu}|\d/u.test(word)
}

function placesOf(tokens: readonly Token[], found: readonly Equivalent[], places: readonly Span[]): string[][] {
  const named = tokens.filter((token) => token.kind === 'word' && isWithin(token, places)).map(({ term }) => term)
  if (named.length === 0) return []
  const others = found.filter((one) => isWithin(one, places)).flatMap(({ ways }) => ways)
  return [unique(named), ...others.map((way) => unique(questionTokens(way).map(({ term }) => term)))]
}

function unique(terms: string[]): string[] {
  return [...new Set(terms)]
}
