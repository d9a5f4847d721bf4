// How much of a question a text holds, in words: what the citing answer, the reranker and the embeddings go by.

import { analyse, isStopWord, questionTokens } from '../../text/analyse.ts'
import { hashText } from '../random.ts'

/** The words of a question that say what is asked, each once. */
export function askedTerms(question: string): Set<string> {
  return new Set(questionTokens(question).flatMap(({ term, kind }) => (kind === 'bigram' ? [] : [term])))
}

/** The words of a text, each once. */
export function heldTerms(text: string): Set<string> {
  return new Set(analyse(text).map(({ term }) => term))
}

/** Share of the asked terms that a text holds, from 0 to 1; 0 when nothing is asked. */
export function coverage(asked: ReadonlySet<string>, held: ReadonlySet<string>): number {
  if (asked.size === 0) return 0
  let count = 0
  for (const term of asked) if (held.has(term)) count++
  return count / asked.size
}

/** A relevance between 0 and 1 that grows with the coverage; a text with fewer other words is a little better. */
export function relevance(query: string, text: string): number {
  const held = heldTerms(text)
  return 0.01 + 0.95 * coverage(askedTerms(query), held) + 0.03 / (1 + held.size / 50)
}

/**
 * A vector of unit length made by hashing words to dimensions with a sign each (the hashing trick of Weinberger et al.,
 * arXiv:0902.2206): texts with the same words are near each other, and that is all it knows.
 */
export function hashEmbedding(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions)
  const tokens = analyse(text)
  const telling = tokens.filter((token) => !isStopWord(token))
  for (const { term } of telling.length > 0 ? telling : tokens) add(vector, term)
  if (tokens.length === 0) add(vector, text)
  const length = Math.hypot(...vector)
  // Two words of opposite sign at one place can leave nothing.
  if (length === 0) return vector.fill(1 / Math.sqrt(dimensions))
  return vector.map((value) => value / length)
}

function add(vector: Float32Array, term: string): void {
  const hash = hashText(term)
  const at = (hash >>> 1) % vector.length
  vector[at] = (vector[at] ?? 0) + ((hash & 1) === 0 ? 1 : -1)
}
