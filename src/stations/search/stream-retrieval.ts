// Finds the best pieces of documents that are in no index: they are split, scored side by side, told of as each is
// done, and ranked together at the end, when it is known which words are rare among them.

import { AndonError } from '../../core/errors.ts'
import { openCall } from '../../core/call.ts'
import { one } from '../../core/station.ts'
import type { Station } from '../../core/station.ts'
import { analyse } from '../../text/analyse.ts'
import { completing } from './completing.ts'
import { rankChunks } from './rank-chunks.ts'
import type { RankedChunk, RankedDocument, RetrievalDocument, ScoredSource } from './rank-chunks.ts'
import { plainQuery } from './query.ts'
import { ScoreDocument } from './score-document.ts'
import type { ScoreInput, ScoredDocument } from './score-document.ts'

export interface StreamRetrievalOptions {
  /** Longest piece, in characters. Default 1,000; an integer of 50 or more. */
  chunkSize?: number
  signal?: AbortSignal
  /** Documents under way at once. Default 8. */
  concurrency?: number
  /** Pieces in the final ranking. Default 50. */
  limit?: number
  /** Where documents are scored: a station of the recipe `score-document`. Default: in this thread. */
  run?: Station<ScoreInput, ScoredDocument>
}

export type RetrievalEvent =
  | {
      type: 'document-scored'
      id: string
      /** From 0 to 1: how much of the question the best piece covers, before it is known which words are rare. */
      score: number
      /** Number of pieces. */
      chunks: number
      /** The best piece, unless the document is empty. */
      best?: { start: number; end: number; text: string }
      /** Documents scored so far. */
      done: number
    }
  | {
      type: 'ranking'
      /** Best first; documents in which nothing of the question was found come last, with score 0. */
      documents: RankedDocument[]
      /** Best first. */
      chunks: RankedChunk[]
    }

/**
 * Scores documents for a question and ranks them. Documents are taken from the iterable as there is room for them;
 * events come in the order in which documents are done, the last one is `ranking`. Leaving the loop early, or the
 * signal, cancels what is under way. Throws `invalid` for input that cannot be ranked.
 */
export async function* streamRetrieval(
  query: string,
  documents: Iterable<RetrievalDocument> | AsyncIterable<RetrievalDocument>,
  options: StreamRetrievalOptions = {},
): AsyncGenerator<RetrievalEvent, void, undefined> {
  const { chunkSize = 1_000, concurrency = 8, limit = 50, run = new ScoreDocument() } = options
  check(query, { chunkSize, concurrency, limit })
  using call = openCall({ tenant: 'default', ...(options.signal === undefined ? {} : { signal: options.signal }) })
  const question = plainQuery(query, { passages: 0, averageLength: 1, frequencies: new Map() })
  const terms = question.terms.map(({ term }) => term)
  const weights = question.terms.map(({ weight }) => weight)
  const sources: ScoredSource[] = []
  const score = async (document: RetrievalDocument) => {
    const { text, title = '' } = document
    const { chunks } = await one(run, { terms, text, title, chunkSize }, call)
    return { document, chunks }
  }
  for await (const source of completing(checked(documents), score, { concurrency, call })) {
    sources.push(source)
    const { best, share } = bestChunk(source, weights)
    yield {
      type: 'document-scored',
      id: source.document.id,
      score: share,
      chunks: source.chunks.length,
      ...(best === undefined
        ? {}
        : { best: { start: best.start, end: best.end, text: source.document.text.slice(best.start, best.end) } }),
      done: sources.length,
    }
  }
  yield { type: 'ranking', ...rankChunks(query, terms, sources, limit) }
}

function check(query: string, numbers: { chunkSize: number; concurrency: number; limit: number }): void {
  if (typeof query !== 'string' || analyse(query).length === 0) {
    throw new AndonError('invalid', `The query ${JSON.stringify(query)} has no word in it: ask something`)
  }
  const least = { chunkSize: 50, concurrency: 1, limit: 1 }
  for (const name of ['chunkSize', 'concurrency', 'limit'] as const) {
    if (!Number.isInteger(numbers[name]) || numbers[name] < least[name]) {
      throw new AndonError('invalid', `${name} is ${numbers[name]}: give an integer of ${least[name]} or more`)
    }
  }
}

/** The documents, each checked when its turn comes. */
async function* checked(
  documents: Iterable<RetrievalDocument> | AsyncIterable<RetrievalDocument>,
): AsyncGenerator<RetrievalDocument> {
  const ids = new Set<string>()
  for await (const document of documents) {
    const { id, text, title }: { id: unknown; text: unknown; title?: unknown } = document
    if (typeof id !== 'string' || id === '') {
      throw new AndonError('invalid', `Document ${ids.size + 1} has the id ${JSON.stringify(id)}: give a text`)
    }
    if (ids.has(id)) throw new AndonError('invalid', `Two documents have the id ${id}: ids must differ`)
    if (typeof text !== 'string' || (title !== undefined && typeof title !== 'string')) {
      throw new AndonError(
        'invalid',
        `Document ${id} has a text of type ${typeof text}, a title of ${typeof title}: give strings`,
      )
    }
    ids.add(id)
    yield document
  }
}

/** The piece that covers most of the question: each term by its weight and, with diminishing returns, how often. */
function bestChunk({ chunks }: ScoredSource, weights: number[]) {
  const total = weights.reduce((sum, weight) => sum + weight, 0) || 1
  let best = chunks[0]
  let share = 0
  for (const chunk of chunks) {
    let covered = 0
    chunk.counts.forEach((count, index) => {
      covered += ((weights[index] ?? 0) * count) / (count + 0.3)
    })
    if (covered / total > share) {
      share = covered / total
      best = chunk
    }
  }
  return { best, share }
}

export type { RankedChunk, RankedDocument, RetrievalDocument } from './rank-chunks.ts'
