// Measures extractive answers and refusal on retrieval sets, without store and factory: how often the first sentences
// hold the answer, and how well the refusal score tells a set's questions from the same questions without their document.
//
//   node bench/eval-answers/eval-answers.ts FOLDER… [--only N]     one JSON line per folder

import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { areaUnderCurve, comparable } from '../../src/cli/eval/metrics.ts'
import { queriesOf } from '../../src/cli/eval/set.ts'
import { LruMap } from '../../src/stations/lru-map.ts'
import { extract } from '../../src/stations/generate/extract.ts'
import { preparePassage } from '../../src/stations/generate/extract-sentences.ts'
import { passageTerms } from '../../src/stations/rerank/passage-terms.ts'
import type { PassageTerms } from '../../src/stations/rerank/passage-terms.ts'
import { rank } from '../../src/stations/rerank/rank.ts'
import type { Passage } from '../../src/core/question.ts'
import { indexOf } from './index-of.ts'

const { positionals, values } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } })
for (const folder of positionals) console.log(JSON.stringify(await measure(folder, Number(values.only ?? Infinity))))

async function measure(folder: string, only: number): Promise<Record<string, unknown>> {
  const index = await indexOf(folder)
  const queries = (await queriesOf(folder)).slice(0, only)
  const prepared = new LruMap<string, ReturnType<typeof preparePassage>>(100_000)
  const terms = new LruMap<string, PassageTerms>(100_000)
  const hits = [0, 0, 0]
  const levels = { with: { answered: 0, uncertain: 0, refused: 0 }, without: { answered: 0, uncertain: 0, refused: 0 } }
  const present: number[] = []
  const absent: number[] = []
  let milliseconds = 0
  for (const { text, answers, judgements } of queries) {
    const query = index.query(text)
    const answer = (excluded: ReadonlySet<string>) => {
      const ranking = rank(query, index.find(query, 50, excluded), {
        termsOf: (passage) => terms.get((passage as Passage).id, () => passageTerms(passage)),
      })
      const started = performance.now()
      const extraction = extract({ query, ...ranking }, (passage) =>
        prepared.get(passage.id, () => preparePassage(passage)),
      )
      milliseconds += performance.now() - started
      return extraction
    }
    const extraction = answer(new Set())
    const without = answer(new Set(judgements.keys()))
    present.push(extraction.score)
    absent.push(without.score)
    levels.with[extraction.confidence]++
    levels.without[without.confidence]++
    const wanted = answers.map(comparable).filter((one) => one !== '')
    const at = extraction.sentences.findIndex((one) => wanted.some((some) => comparable(one.text).includes(some)))
    for (let top = Math.max(0, at); at >= 0 && top < 3; top++) hits[top] = (hits[top] ?? 0) + 1
  }
  const share = (count: number | undefined): number => Number(((count ?? 0) / queries.length).toFixed(4))
  return {
    set: basename(folder),
    questions: queries.length,
    passages: index.size,
    top1: share(hits[0]),
    top2: share(hits[1]),
    top3: share(hits[2]),
    auc: Number(areaUnderCurve(present, absent).toFixed(4)),
    levels,
    extractMilliseconds: Number((milliseconds / queries.length / 2).toFixed(2)),
  }
}
