// How fast the embedded stores take passages in, and find them: staging and publishing with terms already made, then
// vector, keyword and hybrid search. Prints one JSON object. Sizes: --passages 20000 --dimensions 384.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { atLeast, atMost, publish, round, seeded } from './harness.ts'
import type { PreparedPassage } from '../src/core/document.ts'
import type { Filter } from '../src/core/question.ts'
import { createPlaces } from '../src/places/places.ts'
import { openIndex } from '../src/stores/embedded/index.ts'
import { openEmbeddedStores } from '../src/stores/embedded/open.ts'
import type { EmbeddedStores } from '../src/stores/embedded/open.ts'

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean' },
    passages: { type: 'string', default: '20000' },
    dimensions: { type: 'string', default: '384' },
    questions: { type: 'string', default: '100' },
  },
})
const passageCount = Number(flags.passages)
const dimensions = Number(flags.dimensions)
const questionCount = Number(flags.questions)
const perDocument = 20

const random = seeded(7)
const word = (): string => {
  // Ranks as in natural text: the second half of the words makes a small part of it.
  let number = Math.floor(50_000 ** random())
  let letters = ''
  do letters += String.fromCharCode(97 + (number % 26))
  while ((number = Math.floor(number / 26)) > 0)
  return `w${letters}`
}
/** A word as questions have them, once the most frequent ones are left out. */
const rarer = (): string => {
  for (;;) {
    const each = word()
    if (each.length > 3) return each
  }
}
const latent = 64
const mix = Float32Array.from({ length: latent * dimensions }, () => random() - 0.5)
const centres = Array.from({ length: 2_000 }, () => Float32Array.from({ length: latent }, () => random() - 0.5))

/** Clustered vectors of low inner dimension, as embeddings are. */
function vector(): Float32Array {
  const centre = centres[Math.floor(random() * centres.length)] ?? new Float32Array(latent)
  const inner = centre.map((value) => value + (random() - 0.5) * 0.5)
  const made = new Float32Array(dimensions)
  for (let row = 0; row < latent; row++) {
    const factor = inner[row] ?? 0
    for (let at = 0; at < dimensions; at++) made[at] = (made[at] ?? 0) + factor * (mix[row * dimensions + at] ?? 0)
  }
  return made
}

function prepared(ordinal: number): PreparedPassage {
  const words = Array.from({ length: 120 }, word)
  const text = words.join(' ')
  return {
    ordinal,
    start: ordinal * 1_000,
    end: ordinal * 1_000 + text.length,
    text,
    headings: ['Chapter', `Section ${ordinal}`],
    kind: 'paragraph',
    titleTerms: `chapter section ${ordinal}`,
    bodyTerms: text,
    length: words.length + 3,
  }
}

async function loadDocument(
  stores: EmbeddedStores,
  tenant: string,
  name: string,
  hash: string,
  passages: PreparedPassage[],
) {
  await stores.library.accept({
    tenant,
    collection: 'default',
    name,
    mediaType: 'text/plain',
    hash,
    size: 1,
    metadata: {},
  })
  const [lease] = await stores.jobs.claim({ worker: 'bench', leaseMs: 60_000, limit: 1 })
  // Loaders run side by side, so it may be another's document.
  if (lease?.job.documentId === undefined) throw new Error('There is no job to take')
  const { job, fence } = lease
  const { documentId, tenant: owner } = lease.job
  await stores.library.stage(owner, documentId, job.id, fence, passages)
  await stores.library.publish({
    tenant: owner,
    documentId,
    jobId: job.id,
    fence,
    title: name,
    text: passages.map(({ text }) => text).join('\n'),
    blocks: [],
    warnings: [],
    analyser: 'bench@1',
  })
}

function quantile(times: number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b)
  return Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2))
}

const path = await mkdtemp(join(tmpdir(), 'andon-bench-'))
await using places = createPlaces({ writer: { place: 'thread', size: 1 }, readers: { place: 'thread', size: 2 } })
await using stores = await openEmbeddedStores({ path, places, writer: 'writer', readers: 'readers' })
const { hash } = await stores.blobs.put(
  (async function* () {
    yield Buffer.from('bench')
  })(),
)

// One tenant has 99 % of the passages, the other 1 %.
const documents = Math.ceil(passageCount / perDocument)
const made = Array.from({ length: documents }, () => Array.from({ length: perDocument }, (_, at) => prepared(at)))
const began = performance.now()
const left = [...made.entries()]
async function loader(): Promise<void> {
  for (let next = left.shift(); next; next = left.shift()) {
    const [number, passages] = next
    await loadDocument(stores, number % 100 === 0 ? 'small' : 'large', `document ${number}`, hash, passages)
  }
}
await Promise.all(Array.from({ length: 4 }, loader))
const loadSeconds = (performance.now() - began) / 1_000

const vectors = new Map<number, Float32Array>()
const vectorBegan = performance.now()
let makingMs = 0
for (;;) {
  const missing = await stores.library.withoutVectors('bench', 256)
  if (missing.length === 0) break
  const makingBegan = performance.now()
  const batch = missing.map(({ rowId, tenant }) => {
    const each = vector()
    if (tenant === 'large') vectors.set(rowId, each)
    return { rowId, vector: each }
  })
  makingMs += performance.now() - makingBegan
  await stores.library.putVectors('bench', batch)
}
const vectorSeconds = (performance.now() - vectorBegan - makingMs) / 1_000

// The index as a reader thread has it.
using index = await openIndex({ path }, stores.indexRecipe.shared)
const norm = (each: Float32Array): number => Math.sqrt(each.reduce((sum, value) => sum + value * value, 0))
const norms = new Map(Array.from(vectors, ([row, each]) => [row, norm(each)]))

function exact(question: Float32Array): number[] {
  const scores = Array.from(vectors, ([row, each]): [number, number] => {
    let product = 0
    for (let at = 0; at < dimensions; at++) product += (each[at] as number) * (question[at] as number)
    return [row, product / (norms.get(row) ?? 1)]
  })
  return scores
    .sort((a, b) => b[1] - a[1])
    .slice(0, 10)
    .map(([row]) => row)
}

async function timed(body: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await body()
  return performance.now() - start
}

const all: Filter = {}
const times: Record<
  'vector' | 'vector10' | 'vectorSmall' | 'keyword' | 'keywordSmall' | 'passages' | 'statistics' | 'similar',
  number[]
> = {
  vector: [],
  vector10: [],
  vectorSmall: [],
  keyword: [],
  keywordSmall: [],
  passages: [],
  statistics: [],
  similar: [],
}
let found = 0
let judged = 0
for (let number = 0; number < questionCount; number++) {
  const question = vector()
  const terms = Array.from({ length: 5 }, () => ({ term: rarer(), weight: 1 }))
  const words = terms.map(({ term }) => term)
  times.vector.push(await timed(() => index.vector('large', 'bench', question, all, 50)))
  let best: number[] = []
  times.vector10.push(
    await timed(async () => {
      best = (await index.vector('large', 'bench', question, all, 10)).map(({ rowId }) => rowId)
    }),
  )
  times.vectorSmall.push(await timed(() => index.vector('small', 'bench', question, all, 50)))
  times.keyword.push(await timed(() => index.keyword('large', terms, all, 50)))
  times.keywordSmall.push(await timed(() => index.keyword('small', terms, all, 50)))
  times.statistics.push(await timed(() => index.statistics('large', words)))
  times.similar.push(await timed(() => index.similar('large', `${words[0] ?? ''}x`)))
  const rows = (await index.keyword('large', terms, all, 50)).map(({ rowId }) => rowId)
  times.passages.push(await timed(() => index.passages('large', rows)))
  if (number < 40) {
    const truth = new Set(exact(question))
    found += best.filter((row) => truth.has(row)).length
    judged += truth.size
  }
}

publish({
  name: 'stores',
  method: `${documents * perDocument} passages with terms already made are staged and published ${perDocument} to a document, their ${dimensions}-dimensional vectors are written, then ${questionCount} questions are asked of the index, one at a time, in the thread that holds it behind its port.`,
  rows: [
    {
      passages: documents * perDocument,
      dimensions,
      passagesPerSecond: Math.round((documents * perDocument) / loadSeconds),
      vectorsPerSecond: Math.round((documents * perDocument) / vectorSeconds),
      'recall@10': round(found / Math.max(1, judged)),
    },
    ...Object.entries(times).map(([what, each]) => ({ what, p50Ms: quantile(each, 0.5), p99Ms: quantile(each, 0.99) })),
  ],
  gates: [
    atLeast('passages per second', (documents * perDocument) / loadSeconds, 5_000),
    atLeast('recall@10', found / Math.max(1, judged), 0.99),
    atMost('vector p50 ms', quantile(times.vector, 0.5), 5),
  ],
})
await rm(path, { recursive: true, force: true })
