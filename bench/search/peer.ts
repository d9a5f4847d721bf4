// How a peer is measured: a process of its own, the same vectors, the same questions, one after the other.

import { median, percentile } from '../harness.ts'
import { Corpus } from './corpus.ts'
import { exactNeighbours, questionsOf, tenantOf } from './ground-truth.ts'

export interface Peer {
  search(vector: Float32Array, k: number, tenant?: number): Promise<number[]>
  close(): Promise<void>
}

/** What a peer's process tells its parent. */
export interface PeerRow {
  engine: string
  loadSeconds: number
  vectorP50Ms: number
  vectorP95Ms: number
  'recall@10': number
  tenantP50Ms: number
  questions: number
}

/** Loads, asks, and sends the row to the parent. Sizes come from the command line: passages, questions. */
export async function measurePeer(
  engine: string,
  open: (corpus: Corpus, tenant: (at: number) => number) => Promise<Peer>,
): Promise<void> {
  const corpus = new Corpus(Number(process.argv[2]))
  const questions = questionsOf(corpus, Number(process.argv[3]))
  const truth = exactNeighbours(corpus, questions.slice(0, 50))
  const started = performance.now()
  const peer = await open(corpus, tenantOf)
  const loadSeconds = (performance.now() - started) / 1_000
  for (const { vector } of questions.slice(0, 5)) await peer.search(vector, 10)
  const whole: number[] = []
  const tenant: number[] = []
  let hits = 0
  for (const [at, { vector }] of questions.entries()) {
    let from = performance.now()
    const found = await peer.search(vector, 10)
    whole.push(performance.now() - from)
    hits += truth[at]?.filter((id) => found.includes(id)).length ?? 0
    from = performance.now()
    await peer.search(vector, 10, 1)
    tenant.push(performance.now() - from)
  }
  await peer.close()
  const row: PeerRow = {
    engine,
    loadSeconds,
    vectorP50Ms: median(whole),
    vectorP95Ms: percentile(whole, 0.95),
    'recall@10': hits / (truth.length * 10),
    tenantP50Ms: median(tenant),
    questions: questions.length,
  }
  process.send?.(row)
}
