// What a question is searched by: its terms and what stands for them, each with its weight.

import { questionTokens } from '../../text/analyse.ts'
import type { Token } from '../../text/analyse.ts'
import type { TermStatistics } from '../../stores/store.ts'
import type { Reading } from './reading.ts'

/** Weight of what an unknown word is called otherwise. */
const replacedWeight = 0.7

export interface Wanted {
  /** 1 for words and numbers, less for what lies in them or was added. */
  weights: Map<string, number>
  /** The terms that a whole answer would have: not those that were added beside others. */
  own: Set<string>
  /** The question's wording, with unknown words as they are called otherwise. */
  asked: string
}

/** The terms of a reading. */
export function wantedOf({ tokens, asked }: Reading): Wanted {
  const weights = weigh(tokens, 1)
  return { weights, own: new Set(weights.keys()), asked }
}

/** Adds the terms of a text that are not there yet. */
export function addWording({ weights }: Wanted, text: string, factor: number): void {
  for (const [term, weight] of weigh(questionTokens(text), factor)) if (!weights.has(term)) weights.set(term, weight)
}

/** Takes away what was added and is in no passage: it finds nothing. */
export function dropUnknownAdditions({ weights, own }: Wanted, statistics: TermStatistics): void {
  for (const term of weights.keys()) if (!own.has(term) && !isHeld(term, statistics)) weights.delete(term)
}

/**
 * Words that no passage holds make way for those they are called otherwise, which then count more; so do words that
 * need not be searched for. Words that are unknown in every way stay, as missing.
 */
export function replaceEquivalents(reading: Reading, wanted: Wanted, statistics: TermStatistics): void {
  const { weights, own } = wanted
  for (const { start, end, ways, instead } of reading.equivalents) {
    const replaced = reading.tokens.filter((token) => token.start < end && start < token.end)
    const common = commonest(ways, statistics)
    if (instead) {
      for (const { term } of replaced) weights.delete(term)
      for (const [term, weight] of weigh(questionTokens(ways[0] ?? ''), 1)) {
        weights.set(term, weight)
        own.add(term)
      }
    } else if (common !== undefined && replaced.some((token) => saysNothing(token, statistics))) {
      for (const { term } of replaced) weights.delete(term)
      for (const way of ways) {
        for (const [term, weight] of weigh(questionTokens(way), replacedWeight)) {
          if (isHeld(term, statistics) && weight > (weights.get(term) ?? 0)) weights.set(term, weight)
        }
      }
      for (const { term } of questionTokens(common)) own.add(term)
      wanted.asked = wanted.asked.replace(reading.question.slice(start, end), () => common)
    }
  }
}

/** The way whose rarest term stands in most passages; undefined when all have one that stands in none. */
function commonest(ways: readonly string[], { frequencies }: TermStatistics): string | undefined {
  let best: string | undefined
  let most = 0
  for (const way of ways) {
    const least = Math.min(...questionTokens(way).map(({ term }) => frequencies.get(term) ?? 0))
    if (least <= most) continue
    most = least
    best = way
  }
  return best
}

/** Unknown words, and the single letters of `R&D`: those stand everywhere. */
function saysNothing({ term, kind }: Token, statistics: TermStatistics): boolean {
  return kind === 'word' && (term.length === 1 || !isHeld(term, statistics))
}

/** A compound that no passage holds (`GPT4`) makes way for those of its parts that some do, which count like words. */
export function replaceCompounds({ tokens }: Reading, { weights }: Wanted, statistics: TermStatistics): void {
  for (const whole of tokens) {
    if (whole.kind !== 'word' || isHeld(whole.term, statistics) || !weights.has(whole.term)) continue
    const parts = tokens.filter(
      ({ kind, start, end, term }) =>
        kind === 'part' && start >= whole.start && end <= whole.end && isHeld(term, statistics),
    )
    if (parts.length === 0) continue
    weights.delete(whole.term)
    for (const { term } of parts) weights.set(term, 1)
  }
}

/** Whether a passage holds the term. */
export function isHeld(term: string, { frequencies }: TermStatistics): boolean {
  return (frequencies.get(term) ?? 0) > 0
}

function weigh(tokens: readonly Token[], factor: number): Map<string, number> {
  const weights = new Map<string, number>()
  for (const { term, kind } of tokens) {
    const weight = (kind === 'word' || kind === 'number' ? 1 : 0.5) * factor
    if (weight > (weights.get(term) ?? 0)) weights.set(term, weight)
  }
  return weights
}
