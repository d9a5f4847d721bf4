// The station that scores one document that is in no index: splits it and counts the question's terms in each piece.
// It computes, so callers with many documents run several of it in threads.

import type { Call, Station } from '../../core/station.ts'
import { throwIfOver } from '../../core/call.ts'
import { analyse } from '../../text/analyse.ts'
import { split } from '../documents/split.ts'

export interface ScoreInput {
  /** The question's terms, each once. */
  terms: string[]
  text: string
  title: string
  /** Longest piece, in characters. */
  chunkSize: number
}

export interface ScoredDocument {
  chunks: ScoredChunk[]
}

/** A piece of a document: how often each term stands in it, and in the title. */
export interface ScoredChunk {
  start: number
  end: number
  /** Number of terms of piece and title. */
  length: number
  /** Beside each term of the input; the title counts twice. */
  counts: number[]
}

/** Gives the station. It holds nothing. */
export function open(): ScoreDocument {
  return new ScoreDocument()
}

/** Splits a document and counts. Answers with one item. */
export class ScoreDocument implements Station<ScoreInput, ScoredDocument> {
  readonly name = 'score-document'

  async *run({ terms, text, title, chunkSize }: ScoreInput, call: Call): AsyncGenerator<ScoredDocument> {
    const places = new Map(terms.map((term, index) => [term, index]))
    const titleCounts = count(title, places)
    const chunks: ScoredChunk[] = []
    for (const [number, { start, end }] of split(text, [], { maxCharacters: chunkSize }).entries()) {
      if (number % 16 === 15) {
        // A turn for others, so that a cancellation can arrive and, inline, the event loop goes on.
        await new Promise(setImmediate)
        throwIfOver(call)
      }
      const { counts, length } = count(text.slice(start, end), places)
      chunks.push({
        start,
        end,
        length: length + titleCounts.length,
        counts: counts.map((times, index) => times + 2 * (titleCounts.counts[index] ?? 0)),
      })
    }
    yield { chunks }
  }
}

function count(text: string, places: Map<string, number>): { counts: number[]; length: number } {
  const counts = Array.from({ length: places.size }, () => 0)
  const tokens = analyse(text)
  for (const { term } of tokens) {
    const place = places.get(term)
    if (place !== undefined) counts[place] = (counts[place] ?? 0) + 1
  }
  return { counts, length: tokens.length }
}
