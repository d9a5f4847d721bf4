// Measures search and rerank on a retrieval set, without a factory around them:
// `node bench/eval/ranking.ts FOLDER [--typos] [--k 50] [--first N]`. Prints one JSON line.

import { parseArgs } from 'node:util'
import { pathToFileURL } from 'node:url'
import { ndcg, recall, reciprocalRank } from '../../src/cli/eval/metrics.ts'
import { queriesOf } from '../../src/cli/eval/set.ts'
import type { SetQuery } from '../../src/cli/eval/set.ts'
import type { Found } from '../../src/core/question.ts'
import { one } from '../../src/core/station.ts'
import { Rerank } from '../../src/stations/rerank/rerank.ts'
import type { RerankOutput } from '../../src/stations/rerank/rerank.ts'
import { Search } from '../../src/stations/search/search.ts'
import type { Query } from '../../src/stations/search/query.ts'
import { percentile, round } from '../harness.ts'
import { indexOfSet } from './build-index.ts'
import type { MemoryIndex } from './memory-index.ts'
import { withTypos } from './typos.ts'

/** A question that was searched for. */
export interface Searched {
  query: Query
  found: Found[]
}

export interface RankingMeasures {
  'nDCG@10': number
  'hit@1': number
  'recall@10': number
  'recall@100': number
  'MRR@10': number
}

/** Searches all questions; `typos` makes two slips in each first. */
export async function searchAll(
  index: MemoryIndex,
  queries: readonly { text: string }[],
  k: number,
  typos = false,
): Promise<{ searched: Searched[]; milliseconds: number[] }> {
  const search = new Search(index)
  const searched: Searched[] = []
  const milliseconds: number[] = []
  for (const [number, { text }] of queries.entries()) {
    const asked = typos ? withTypos(text, number + 1) : text
    const started = performance.now()
    const { query, found } = await one(search, { text: asked, filter: {}, k }, call)
    milliseconds.push(performance.now() - started)
    searched.push({ query, found })
  }
  return { searched, milliseconds }
}

/** The measures of rankings of passages, a document counting by its best passage. */
export function measure(queries: readonly SetQuery[], rankings: readonly Found[][]): RankingMeasures {
  const sum = { 'nDCG@10': 0, 'hit@1': 0, 'recall@10': 0, 'recall@100': 0, 'MRR@10': 0 }
  queries.forEach(({ judgements }, number) => {
    const ranking = [...new Set((rankings[number] ?? []).map(({ passage }) => passage.documentId))]
    sum['nDCG@10'] += ndcg(ranking, judgements, 10)
    sum['hit@1'] += reciprocalRank(ranking, judgements, 1)
    sum['recall@10'] += recall(ranking, judgements, 10)
    sum['recall@100'] += recall(ranking, judgements, 100)
    sum['MRR@10'] += reciprocalRank(ranking, judgements, 10)
  })
  for (const key of ['nDCG@10', 'hit@1', 'recall@10', 'recall@100', 'MRR@10'] as const) {
    sum[key] = round(sum[key] / queries.length)
  }
  return sum
}

/** A call of nobody in particular that is never cancelled. */
export const call = { id: 'measure', tenant: 'default', signal: new AbortController().signal, deadline: Infinity }

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      typos: { type: 'boolean', default: false },
      k: { type: 'string', default: '50' },
      first: { type: 'string' },
    },
  })
  const [folder] = positionals
  if (folder === undefined) throw new Error('Name the folder of a set: node bench/eval/ranking.ts FOLDER')
  const index = await indexOfSet(folder)
  const queries = (await queriesOf(folder)).slice(0, Number(values.first ?? Infinity))
  const { searched, milliseconds } = await searchAll(index, queries, Number(values.k), values.typos)
  const rerank = new Rerank(4_000)
  const ranked: RerankOutput[] = []
  const rerankMilliseconds: number[] = []
  for (const input of searched) {
    const started = performance.now()
    ranked.push(await one(rerank, input, call))
    rerankMilliseconds.push(performance.now() - started)
  }
  const times = (sample: number[]) => ({
    p50: round(percentile(sample, 0.5), 3),
    p95: round(percentile(sample, 0.95), 3),
  })
  console.log(
    JSON.stringify({
      questions: queries.length,
      passages: index.size,
      search: measure(
        queries,
        searched.map(({ found }) => found),
      ),
      reranked: measure(
        queries,
        ranked.map(({ ranked }) => ranked),
      ),
      searchMs: times(milliseconds),
      rerankMs: times(rerankMilliseconds),
    }),
  )
}
