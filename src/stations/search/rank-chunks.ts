// The final ranking of documents that are in no index: BM25 over all their pieces, then the reranker over the best.

import type { Found } from '../../core/question.ts'
import { rank } from '../rerank/rank.ts'
import { plainQuery } from './query.ts'
import type { ScoredChunk } from './score-document.ts'

/** A document to look through. Ids are unique. */
export interface RetrievalDocument {
  id: string
  text: string
  title?: string
}

/** A document with its counted pieces. */
export interface ScoredSource {
  document: RetrievalDocument
  chunks: ScoredChunk[]
}

export interface RankedChunk {
  /** Id of its document. */
  id: string
  /** Its place among the document's pieces, from 0. */
  ordinal: number
  start: number
  end: number
  text: string
  /** 1 for the best. */
  score: number
}

export interface RankedDocument {
  id: string
  /** That of its best piece. */
  score: number
}

/** BM25's constants: how fast repetition stops to count, and how much length counts against a piece. */
const saturation = 1.2
const lengthShare = 0.75

/** Ranks the pieces of all documents; `terms` are what their counts stand for. */
export function rankChunks(
  question: string,
  terms: readonly string[],
  sources: readonly ScoredSource[],
  limit: number,
): { documents: RankedDocument[]; chunks: RankedChunk[] } {
  const all = sources.flatMap(({ document, chunks }) =>
    chunks.map((chunk, ordinal) => ({ document, chunk, ordinal, score: 0 })),
  )
  const frequencies = new Map<string, number>()
  let total = 0
  for (const { chunk } of all) {
    total += chunk.length
    chunk.counts.forEach((count, index) => {
      const term = terms[index]
      if (count > 0 && term !== undefined) frequencies.set(term, (frequencies.get(term) ?? 0) + 1)
    })
  }
  const averageLength = Math.max(1, total / Math.max(1, all.length))
  const query = plainQuery(question, { passages: all.length, averageLength, frequencies })
  const values = new Map(query.terms.map(({ term, weight, idf }) => [term, weight * idf]))
  const weights = terms.map((term) => values.get(term) ?? 0)
  for (const one of all) {
    const norm = saturation * (1 - lengthShare + (lengthShare * one.chunk.length) / averageLength)
    one.chunk.counts.forEach((count, index) => {
      if (count > 0) one.score += ((weights[index] ?? 0) * (count * (saturation + 1))) / (count + norm)
    })
  }
  const best = all.filter(({ score }) => score > 0).sort((left, right) => right.score - left.score)
  const { ranked } = rank(query, best.slice(0, limit).map(asFound))
  const chunks = ranked.map(({ passage, score }) => ({
    id: passage.documentId,
    ordinal: passage.ordinal,
    start: passage.start,
    end: passage.end,
    text: passage.text,
    score,
  }))
  const scores = new Map<string, number>()
  for (const { id, score } of chunks) if (!scores.has(id)) scores.set(id, score)
  // Pieces beyond the limit keep their order behind the ranked ones.
  const last = chunks.at(-1)?.score ?? 0
  const bestBeyond = best[limit]?.score ?? 1
  for (const { document, score } of best.slice(limit)) {
    if (!scores.has(document.id)) scores.set(document.id, (last * score) / bestBeyond)
  }
  for (const { document } of sources) if (!scores.has(document.id)) scores.set(document.id, 0)
  const documents = Array.from(scores, ([id, score]) => ({ id, score }))
  return { documents: documents.sort((left, right) => right.score - left.score), chunks }
}

function asFound({
  document,
  chunk,
  ordinal,
  score,
}: {
  document: RetrievalDocument
  chunk: ScoredChunk
  ordinal: number
  score: number
}): Found {
  const { id, title = '' } = document
  const { start, end } = chunk
  return {
    score,
    keyword: score,
    passage: {
      id: `${id}.1.${ordinal}`,
      documentId: id,
      documentName: id,
      title,
      collection: '',
      headings: [],
      kind: 'paragraph',
      ordinal,
      start,
      end,
      text: document.text.slice(start, end),
    },
  }
}
