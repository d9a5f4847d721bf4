// Which document, and which place in it, a question points at: "what did Acme's balance sheet of 2021 say" means one
// document and one heading, however often others use the same words.

import type { Query } from '../search/query.ts'
import { hashTerm, lowerBound } from './passage-terms.ts'
import type { PassageTerms } from './passage-terms.ts'

/** How much of the place that the question names stands in title and headings, from 0 to 1; 0 when it names none. */
export function placeNamed(query: Query, { titleHashes }: PassageTerms): number {
  let most = 0
  for (const way of query.places) {
    let held = 0
    let total = 0
    for (const { term, idf } of way) {
      total += idf
      if (holds(titleHashes, hashTerm(term))) held += idf
    }
    if (total > 0) most = Math.max(most, held / total)
  }
  return most
}

/**
 * How much of what the question names (companies, products, years) stands in the title or the name of each passage's
 * document, from 0 to 1. A name counts by how few of the documents at hand have it: one that all have tells nothing
 * apart, one that none has is not a document's name.
 */
export function documentsNamed(
  query: Query,
  candidates: readonly { document: string; terms: PassageTerms }[],
): number[] {
  const documents = new Map(candidates.map(({ document, terms }) => [document, terms.documentHashes]))
  const names = query.names.map((name) => {
    const hash = hashTerm(name)
    let having = 0
    for (const hashes of documents.values()) if (holds(hashes, hash)) having++
    const all = documents.size
    return { hash, weight: having === 0 ? 0 : Math.log(1 + (all - having + 0.5) / (having + 0.5)) }
  })
  const total = names.reduce((sum, { weight }) => sum + weight, 0)
  return candidates.map(({ terms }) => {
    if (total === 0) return 0
    const held = names.reduce((sum, { hash, weight }) => sum + (holds(terms.documentHashes, hash) ? weight : 0), 0)
    return held / total
  })
}

function holds(hashes: Uint32Array, hash: number): boolean {
  return hashes[lowerBound(hashes, hash)] === hash
}
