// Search at 100,000 passages × 384 dimensions: vectors, words, both, a tenant of one per cent, and loading; beside
// LangChain.js' MemoryVectorStore and LanceDB in the same run.
//
//   npm run -s bench:search -- --json [--passages 100000] [--questions 400] [--no-peers]

import { fork, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Factory } from '../../src/core/factory.ts'
import { createFactory } from '../../src/factory.ts'
import { atLeast, atMost, median, percentile, publish, round, say } from '../harness.ts'
import { Corpus, dimensions, indexOf } from './corpus.ts'
import { exactNeighbours, questionsOf, type BenchQuestion } from './ground-truth.ts'
import type { PeerRow } from './peer.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    passages: { type: 'string', default: '100000' },
    questions: { type: 'string', default: '400' },
    rounds: { type: 'string', default: '3' },
    peers: { type: 'boolean', default: true },
  },
  allowNegative: true,
})
const size = Number(values.passages)
const corpus = new Corpus(size)
const questions = questionsOf(corpus, Number(values.questions))
const vectors = new Map(questions.map(({ text, vector }) => [text, vector]))
const perDocument = 100
/** Documents handed over at once, as a busy uploader does. */
const lanes = 8
/** The small tenant: one per cent as many passages in the same store. */
const small = 'one-per-cent'

const embedder = {
  id: `synthetic-${dimensions}`,
  async embed(texts: string[]): Promise<Float32Array[]> {
    return texts.map((text) => {
      const at = indexOf(text)
      const vector = vectors.get(text) ?? (at === undefined ? undefined : corpus.vector(at))
      if (!vector) throw new Error(`No vector for «${text.slice(0, 60)}»`)
      return vector
    })
  },
}

const dataDir = await mkdtemp(join(tmpdir(), 'andon-bench-search-'))
const rows: unknown[] = []
try {
  rows.push(await loading())
  rows.push(...(await searching()))
} finally {
  await rm(dataDir, { recursive: true, force: true })
}
const peers = values.peers ? await runPeers() : []
rows.push(...peers)
report()

/** Words first, without an embedder: how fast documents become searchable. */
async function loading(): Promise<{ what: 'loading'; passages: number; seconds: number; passagesPerSecond: number }> {
  await using factory = await createFactory({ dataDir, handbook: false, loading: { concurrency: 6, parsers: 2 } })
  const started = performance.now()
  await load(factory, 0, size, 'default')
  const seconds = (performance.now() - started) / 1_000
  const { totals } = await factory.health()
  await load(factory, 0, Math.ceil(size / 100), small)
  return {
    what: 'loading',
    passages: totals.passages,
    seconds: round(seconds),
    passagesPerSecond: round(totals.passages / seconds),
  }
}

async function load(factory: Factory, from: number, to: number, tenant: string): Promise<void> {
  const jobs: string[] = []
  let next = from
  const lane = async () => {
    while (next < to) {
      const start = next
      next += perDocument
      const ids = Array.from({ length: Math.min(perDocument, to - start) }, (_, at) => start + at)
      // A section each, so that each becomes one passage.
      const text = ids.map((id) => `## Section ${id}\n\n${corpus.text(id)}`).join('\n\n')
      const { jobId } = await factory.add({ name: `part-${start}.md`, text }, { tenant })
      if (jobId) jobs.push(jobId)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  let done = 0
  for await (const job of factory.watch(jobs, { tenant })) {
    if (job.state === 'failed' || job.state === 'dead') throw new Error(`${job.documentName}: ${job.error?.message}`)
    if (job.state === 'done' && ++done % 100 === 0) say(`${done} of ${jobs.length} documents of ${tenant} are loaded`)
  }
}

async function searching(): Promise<unknown[]> {
  await using factory = await createFactory({ dataDir, handbook: false }, { embedder })
  const began = performance.now()
  for (let missing = Infinity; missing > 0;) {
    await new Promise((resolve) => setTimeout(resolve, 250))
    missing = 0
    for (const tenant of ['default', small])
      for (const document of await factory.list({ limit: 10_000 }, { tenant })) missing += document.vectorsMissing
    say(`${missing} vectors are missing`)
  }
  const embedSeconds = (performance.now() - began) / 1_000
  const truth = exactNeighbours(corpus, questions.slice(0, 100))
  const rounds = Number(values.rounds)
  const measured: Record<string, number[]> = {}
  let recall = 0
  for (let round = 0; round < rounds; round++) {
    for (const [at, question] of questions.entries()) {
      const found = await timed(measured, 'vector', () => ask(factory, question, 'vectors', 'default'))
      const expected = truth[at]
      if (expected) {
        const got = new Set(found.map(({ passage }) => indexOf(passage.text)))
        recall += expected.filter((id) => got.has(id)).length / (10 * truth.length * rounds)
      }
      await timed(measured, 'words', () => ask(factory, question, 'words', 'default'))
      await timed(measured, 'hybrid', () => ask(factory, question, 'both', 'default'))
      await timed(measured, 'vector, 1 % tenant', () => ask(factory, question, 'vectors', small))
      await timed(measured, 'hybrid, 1 % tenant', () => ask(factory, question, 'both', small))
    }
    say(`round ${round + 1} of ${rounds} is done`)
  }
  return [
    { what: 'vectors stored', seconds: round(embedSeconds) },
    ...Object.entries(measured).map(([what, times]) => ({
      what,
      questions: times.length,
      p50Ms: round(median(times)),
      p95Ms: round(percentile(times, 0.95)),
      p99Ms: round(percentile(times, 0.99)),
      ...(what === 'vector' ? { 'recall@10': round(recall) } : {}),
    })),
  ]
}

function ask(factory: Factory, question: BenchQuestion, by: 'vectors' | 'words' | 'both', tenant: string) {
  return factory.search({ text: question.text, k: 10, rerank: false, by }, { tenant })
}

async function timed<Value>(into: Record<string, number[]>, what: string, work: () => Promise<Value>): Promise<Value> {
  const started = performance.now()
  const value = await work()
  ;(into[what] ??= []).push(performance.now() - started)
  return value
}

async function runPeers(): Promise<PeerRow[]> {
  if (!existsSync(new URL('../node_modules', import.meta.url))) {
    say('installing the peers, once')
    const folder = fileURLToPath(new URL('..', import.meta.url))
    const { status } = spawnSync('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    })
    if (status !== 0) {
      say('The peers could not be installed; their rows are missing')
      return []
    }
  }
  const found: PeerRow[] = []
  for (const peer of ['peer-langchain.ts', 'peer-lancedb.ts']) {
    say(`measuring ${peer}`)
    const child = fork(new URL(peer, import.meta.url), [String(size), '60'])
    const row = await new Promise<PeerRow | undefined>((resolve) => {
      child.once('message', (message) => resolve(message as PeerRow))
      child.once('exit', () => resolve(undefined))
    })
    if (row) found.push(row)
  }
  return found
}

function report(): void {
  const row = (what: string) => rows.find((each) => (each as { what?: string }).what === what) as Record<string, number>
  const value = (what: string, key: string) => row(what)?.[key] ?? Number.NaN
  publish({
    name: 'search',
    method: `${size} synthetic passages of about 120 words (70 % English, 30 % Chinese) with ${dimensions}-dimensional vectors in one tenant, and a second tenant of one per cent in the same store; ${questions.length} questions in ${values.rounds} rounds, one at a time, through the whole library (factory.search, passages included, no rerank). Loading is add to published through parser, analyser and store. Peers: 60 of the same questions in a process of their own.`,
    rows,
    gates: [
      atMost('vector p50 ms', value('vector', 'p50Ms'), 5),
      atLeast('vector recall@10', value('vector', 'recall@10'), 0.99),
      atMost('hybrid p50 ms', value('hybrid', 'p50Ms'), 15),
      atMost('1 % tenant vector p50 / whole', value('vector, 1 % tenant', 'p50Ms') / value('vector', 'p50Ms'), 1),
      atMost('1 % tenant hybrid p50 / whole', value('hybrid, 1 % tenant', 'p50Ms') / value('hybrid', 'p50Ms'), 1),
      atLeast('loading passages/s', value('loading', 'passagesPerSecond'), 2_500),
    ],
  })
}
