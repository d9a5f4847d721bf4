// Fits the weights of the sentence features: conditional logit over the sentences of each question, every set counting
// the same, with each set also judged by weights fitted without it.
//
//   node bench/eval-answers/fit-sentences.ts FOLDER… [--drop feature,feature]

import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { comparable } from '../../src/cli/eval/metrics.ts'
import { queriesOf } from '../../src/cli/eval/set.ts'
import { chooseSentences } from '../../src/stations/generate/choose.ts'
import { preparePassage } from '../../src/stations/generate/extract-sentences.ts'
import type { PreparedPassage } from '../../src/stations/generate/extract-sentences.ts'
import { LruMap } from '../../src/stations/lru-map.ts'
import { rank } from '../../src/stations/rerank/rank.ts'
import { indexOf } from './index-of.ts'

/** The sentences of one question. */
interface Sample {
  rows: number[][]
  right: boolean[]
  shapes: string[]
}

const { positionals, values } = parseArgs({ allowPositionals: true, options: { drop: { type: 'string' } } })
const dropped = new Set(values.drop?.split(','))
let names: string[] = []
const sets = new Map<string, Sample[]>()
for (const folder of positionals) sets.set(basename(folder), await samplesOf(folder))

for (const [held, samples] of sets) {
  const weights = fit([...sets].filter(([name]) => name !== held).map(([, others]) => others))
  console.log(`fitted without ${held}: ${tops(samples, weights)}`)
}
const weights = fit([...sets.values()])
for (const [name, samples] of sets) console.log(`fitted on all, ${name}: ${tops(samples, weights)}`)
console.log(Object.fromEntries(names.map((name, place) => [name, Number((weights[place] ?? 0).toFixed(2))])))

async function samplesOf(folder: string): Promise<Sample[]> {
  const index = await indexOf(folder)
  const prepared = new LruMap<string, PreparedPassage>(100_000)
  const samples: Sample[] = []
  for (const { text, answers } of await queriesOf(folder)) {
    const query = index.query(text)
    const read = rank(query, index.find(query, 50))
      .ranked.slice(0, 3)
      .map(({ passage, score }) => ({
        passage,
        score,
        prepared: prepared.get(passage.id, () => preparePassage(passage)),
      }))
    const { scored } = chooseSentences(query, read, { count: 3 })
    const wanted = answers.map(comparable).filter((answer) => answer !== '')
    const [first] = scored
    if (first) names = Object.keys(first.features).filter((name) => !dropped.has(name))
    samples.push({
      rows: scored.map(({ features }) =>
        Object.entries(features).flatMap(([name, value]) => (dropped.has(name) ? [] : [value])),
      ),
      right: scored.map(({ sentence }) => wanted.some((answer) => comparable(sentence.text).includes(answer))),
      shapes: scored.map(({ sentence }) => sentence.flat),
    })
  }
  return samples
}

/** Full-batch Adam with a falling step; the sets weigh the same. */
function fit(training: Sample[][], rounds = 300): Float64Array {
  const count = names.length
  const weights = new Float64Array(count)
  const mean = new Float64Array(count)
  const square = new Float64Array(count)
  for (let round = 1; round <= rounds; round++) {
    const slope = new Float64Array(count)
    for (const samples of training) for (const sample of samples) addSlope(sample, weights, slope, 1 / samples.length)
    const step = 0.25 * (1 - round / (rounds + 1)) + 0.003
    for (let place = 0; place < count; place++) {
      const value = (slope[place] ?? 0) / training.length - 0.0005 * (weights[place] ?? 0)
      mean[place] = 0.9 * (mean[place] ?? 0) + 0.1 * value
      square[place] = 0.98 * (square[place] ?? 0) + 0.02 * value * value
      const scale = Math.sqrt((square[place] ?? 0) / (1 - 0.98 ** round)) + 1e-8
      weights[place] = (weights[place] ?? 0) + (step * ((mean[place] ?? 0) / (1 - 0.9 ** round))) / scale
    }
  }
  return weights
}

function addSlope({ rows, right }: Sample, weights: Float64Array, slope: Float64Array, share: number): void {
  const scores = rows.map((row) => scoreOf(row, weights))
  const most = Math.max(...scores)
  const odds = scores.map((score) => Math.exp(score - most))
  const all = odds.reduce((sum, value) => sum + value, 0)
  const good = odds.reduce((sum, value, place) => sum + (right[place] ? value : 0), 0)
  if (good === 0 || good === all) return
  rows.forEach((row, place) => {
    const value = odds[place] ?? 0
    const pull = share * ((right[place] ? value / good : 0) - value / all)
    if (Math.abs(pull) < 1e-9) return
    for (let at = 0; at < row.length; at++) slope[at] = (slope[at] ?? 0) + pull * (row[at] ?? 0)
  })
}

function scoreOf(row: readonly number[], weights: Float64Array): number {
  let sum = 0
  for (let place = 0; place < row.length; place++) sum += (row[place] ?? 0) * (weights[place] ?? 0)
  return sum
}

/** Share of questions whose answer is in the first, first two and first three different sentences. */
function tops(samples: readonly Sample[], weights: Float64Array): string {
  const hits = [0, 0, 0]
  for (const { rows, right, shapes } of samples) {
    const order = rows
      .map((row, place) => ({ place, score: scoreOf(row, weights) }))
      .sort((one, other) => other.score - one.score)
    const seen = new Set<string>()
    for (const { place } of order) {
      const shape = shapes[place] ?? ''
      if (seen.has(shape)) continue
      seen.add(shape)
      if (right[place]) for (let top = seen.size - 1; top < 3; top++) hits[top] = (hits[top] ?? 0) + 1
      if (right[place] || seen.size >= 3) break
    }
  }
  return hits.map((count) => (count / samples.length).toFixed(4)).join(' / ')
}
