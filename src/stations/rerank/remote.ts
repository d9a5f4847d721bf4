// Orders what was found by the scores of a rerank model. Only the best are sent, because a model reads each of them;
// the others keep their order behind those.

import { childCall } from '../../core/call.ts'
import type { Found, Passage } from '../../core/question.ts'
import type { Call } from '../../core/station.ts'
import type { Reranker } from '../../models/model.ts'

export interface RemoteRerankInput<Item extends Found> {
  question: string
  /** Best first, as the built-in ranking left them. */
  found: readonly Item[]
  reranker: Reranker
  call: Call
  /** How many are sent to the model. Default 40: a second of work for a small model without a GPU. */
  most?: number
  /** Milliseconds for the model. Default 5,000: the answer waits for it, and the built-in order is not bad. */
  budgetMs?: number
}

/**
 * The same passages in the model's order; `score` is the model's, from 0 to 1, and below that for those that were not
 * sent. `margin` is how far the best is ahead: 1 − second score / first score, 1 when there is no second.
 * Throws an AndonError when the model fails or is late: the order it was given is then the one to keep.
 */
export async function rerankRemotely<Item extends Found>(
  input: RemoteRerankInput<Item>,
): Promise<{ ranked: Item[]; margin: number }> {
  const { question, found, reranker, most = 40, budgetMs = 5_000 } = input
  const sent = found.slice(0, most)
  if (sent.length === 0) return { ranked: [], margin: 1 }
  using call = childCall(input.call, { budgetMs })
  const texts = sent.map(({ passage }) => textOf(passage))
  const scores = shares(await reranker.rerank(question, texts, call))
  const ranked = sent
    .map((item, index) => ({ ...item, score: scores[index] ?? 0 }))
    // Equal scores keep the order they came in.
    .sort((a, b) => b.score - a.score)
  const [first, second] = ranked
  const least = ranked.at(-1)?.score ?? 0
  const rest = found.slice(most).map((item, index) => ({ ...item, score: least / (index + 2) }))
  const margin = first === undefined || second === undefined || first.score <= 0 ? 1 : 1 - second.score / first.score
  return { ranked: [...ranked, ...rest], margin }
}

/** What a passage is about stands above it as often as in it. */
function textOf({ title, headings, prefix, text }: Passage): string {
  const above = [title, ...headings].filter((part) => part !== '').join(' › ')
  return [above, prefix ?? '', text].filter((part) => part !== '').join('\n')
}

/** Scores from 0 to 1. Some servers give raw logits: the logistic function makes of them what the others give. */
export function shares(scores: number[]): number[] {
  const raw = scores.some((score) => score < 0 || score > 1)
  return raw ? scores.map((score) => 1 / (1 + Math.exp(-score))) : scores
}
