// How alike two questions are: by the vectors of an embedder, or without one by what both name. It finds candidates and
// decides nothing by itself: see guards.ts.

import type { Call } from '../core/station.ts'
import { AndonError } from '../core/errors.ts'
import type { Embedder } from '../models/model.ts'
import { overlapOf } from './overlap.ts'
import { read, type Reading } from './reading.ts'

/** A question, ready to be compared. */
export interface Sketch {
  question: string
  reading: Reading
  /** When there is an embedder. */
  vector?: Float32Array
}

export interface Likeness {
  /** Sketches of likenesses with different names must not be compared. */
  readonly name: string
  /** From which two questions count as alike, when nobody says otherwise. */
  readonly threshold: number
  /** Reads questions, in their order. Throws what the embedder throws. */
  sketch(questions: readonly string[], call: Call): Promise<Sketch[]>
  /** From 0 to 1. */
  between(one: Sketch, other: Sketch): number
}

/** By vectors where there is an embedder, otherwise by words. */
export function likenessBy(embedder?: Embedder): Likeness {
  return embedder ? byVectors(embedder) : byWords
}

/** The cosine of the things that both questions name. */
const byWords: Likeness = {
  name: 'words',
  threshold: 0.8,
  sketch: (questions) => Promise.resolve(questions.map((question) => ({ question, reading: read(question) }))),
  between: ({ reading: one }, { reading: other }) => overlapOf(one, other),
}

function byVectors(embedder: Embedder): Likeness {
  return {
    name: embedder.id,
    threshold: 0.9,
    async sketch(questions, call) {
      const vectors = await embedder.embed([...questions], 'question', call)
      return questions.map((question, at) => {
        const vector = vectors[at]
        if (!vector)
          throw new AndonError('unavailable', `The embedder ${embedder.id} answered no vector for «${question}»`)
        return { question, reading: read(question), vector }
      })
    },
    between({ vector: one }, { vector: other }) {
      if (!one || !other || one.length !== other.length) return 0
      // Both have length 1. Hundreds of these for a question: an iterator would cost ten times as much.
      let product = 0
      for (let at = 0; at < one.length; at += 1) product += (one[at] ?? 0) * (other[at] ?? 0)
      return Math.min(1, Math.max(0, product))
    },
  }
}
