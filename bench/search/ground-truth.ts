// The questions of the search benchmark, and their true nearest neighbours by brute force in float64.

import { seeded } from '../harness.ts'
import type { Corpus } from './corpus.ts'

/** Tenant 0 owns half of the passages, tenants 1 to 50 one per cent each. */
export function tenantOf(at: number): number {
  return at % 2 === 0 ? 0 : 1 + (((at - 1) / 2) % 50)
}

export interface BenchQuestion {
  at: number
  text: string
  vector: Float32Array
}

export function questionsOf(corpus: Corpus, count: number): BenchQuestion[] {
  const random = seeded(4242)
  return Array.from({ length: count }, () => {
    const at = Math.floor(random() * corpus.size)
    return { at, ...corpus.question(at) }
  })
}

/** The ten nearest passages of each question, among those that `belongs` accepts. */
export function exactNeighbours(
  corpus: Corpus,
  questions: readonly BenchQuestion[],
  belongs: (at: number) => boolean = () => true,
): number[][] {
  const best = questions.map(() => [] as { id: number; score: number }[])
  for (let id = 0; id < corpus.size; id++) {
    if (!belongs(id)) continue
    const vector = corpus.vector(id)
    for (const [at, question] of questions.entries()) {
      let score = 0
      for (let d = 0; d < vector.length; d++) score += (vector[d] ?? 0) * (question.vector[d] ?? 0)
      const list = best[at]
      if (!list || (list.length === 10 && score <= (list[9]?.score ?? 0))) continue
      list.push({ id, score })
      list.sort((a, b) => b.score - a.score)
      if (list.length > 10) list.pop()
    }
  }
  return best.map((list) => list.map(({ id }) => id))
}
