// Measures a factory on a retrieval set: how well it ranks, and, when asked, how often its first cited sentences hold
// the answer and how well its score tells an answerable question from one whose document is missing.

import type { AnswerEnd } from '../../core/question.ts'
import type { Factory } from '../../core/factory.ts'
import { AndonError } from '../../core/errors.ts'
import { areaUnderCurve, comparable, ndcg, recall, reciprocalRank } from './metrics.ts'
import type { SetQuery } from './set.ts'

/** The last line of `andon eval --json`. Shares are between 0 and 1. */
export interface Evaluation {
  questions: number
  documents: number
  'nDCG@10': number
  'recall@10': number
  'recall@100': number
  'MRR@10': number
  'hit@1': number
  questionsPerSecond: number
  loadingSeconds: number
  answers?: { top1: number; top2: number; top3: number; questions: number }
  refusal?: { auc: number }
}

export interface EvaluateOptions {
  factory: Factory
  queries: SetQuery[]
  /** Id of the set's document → id of the factory's document. */
  documents: ReadonlyMap<string, string>
  answers: boolean
  refusal: boolean
  signal?: AbortSignal
  /** Questions under way at once. Default 4. */
  concurrency?: number
  progress?: (stage: string, done: number, total: number) => void
}

/** A sentence longer than this is not an answer. */
const sentenceLimit = 400
/** Passages asked for, so that 100 different documents are among them. */
const depth = 300

export async function evaluate(options: EvaluateOptions): Promise<Omit<Evaluation, 'loadingSeconds'>> {
  const { factory, queries, documents } = options
  const sum = { ndcg: 0, recall10: 0, recall100: 0, mrr: 0, hit: 0 }
  const original = new Map(Array.from(documents, ([name, id]) => [id, name]))
  const caller = options.signal ? { signal: options.signal } : {}
  const started = performance.now()
  await each(options, 'searching', async ({ text, judgements }) => {
    const found = await factory.search({ text, k: depth }, caller)
    const ranking = [...new Set(found.map(({ passage }) => original.get(passage.documentId) ?? passage.documentId))]
    sum.ndcg += ndcg(ranking, judgements, 10)
    sum.recall10 += recall(ranking, judgements, 10)
    sum.recall100 += recall(ranking, judgements, 100)
    sum.mrr += reciprocalRank(ranking, judgements, 10)
    sum.hit += reciprocalRank(ranking, judgements, 1)
  })
  const seconds = (performance.now() - started) / 1_000
  const mean = (total: number) => rounded(total / queries.length)
  return {
    questions: queries.length,
    documents: documents.size,
    'nDCG@10': mean(sum.ndcg),
    'recall@10': mean(sum.recall10),
    'recall@100': mean(sum.recall100),
    'MRR@10': mean(sum.mrr),
    'hit@1': mean(sum.hit),
    questionsPerSecond: rounded(queries.length / seconds),
    ...(options.answers || options.refusal ? await evaluateAnswers(options) : {}),
  }
}

async function evaluateAnswers(options: EvaluateOptions): Promise<Pick<Evaluation, 'answers' | 'refusal'>> {
  const hits = [0, 0, 0]
  let answerable = 0
  const scores: number[] = []
  await each(options, 'answering', async (query) => {
    const end = await answerOf(options, query.text, [])
    scores.push(end.score)
    const wanted = query.answers.map(comparable).filter((answer) => answer !== '')
    if (wanted.length === 0) return
    answerable++
    const quotes = end.citations.slice(0, 3).map(({ quote }) => comparable(quote.slice(0, sentenceLimit)))
    const at = quotes.findIndex((quote) => wanted.some((answer) => quote.includes(answer)))
    for (let top = Math.max(0, at); at >= 0 && top < 3; top++) hits[top] = (hits[top] ?? 0) + 1
  })
  const share = (count: number | undefined) => rounded((count ?? 0) / answerable)
  const answers = { top1: share(hits[0]), top2: share(hits[1]), top3: share(hits[2]), questions: answerable }
  if (!options.refusal) return { answers }

  const without: number[] = []
  await each(options, 'refusing', async ({ text, judgements }) => {
    const gone = [...judgements.keys()].flatMap((name) => options.documents.get(name) ?? [])
    without.push((await answerOf(options, text, gone)).score)
  })
  const refusal = { auc: rounded(areaUnderCurve(scores, without)) }
  return options.answers ? { answers, refusal } : { refusal }
}

async function answerOf(options: EvaluateOptions, text: string, excluded: string[]): Promise<AnswerEnd> {
  const question = {
    text,
    mode: 'extractive' as const,
    ...(excluded.length > 0 ? { filter: { excludeDocuments: excluded } } : {}),
  }
  for await (const event of options.factory.ask(question, options.signal ? { signal: options.signal } : {}))
    if (event.type === 'answer-end') return event
  throw new AndonError('internal', `The answer to «${text}» had no end`)
}

/** Runs the work for every question, a few at once, with progress. */
async function each(
  { queries, concurrency = 4, progress, signal }: EvaluateOptions,
  stage: string,
  work: (query: SetQuery) => Promise<void>,
): Promise<void> {
  let next = 0
  let done = 0
  const lane = async () => {
    for (let query = queries[next++]; query; query = queries[next++]) {
      signal?.throwIfAborted()
      await work(query)
      progress?.(stage, ++done, queries.length)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
}

function rounded(value: number): number {
  return Number(value.toFixed(4))
}
