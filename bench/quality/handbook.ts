// The handbook set: a folder of Markdown, questions of several kinds with their gold files and snippets, some of which
// only mean something after a previous turn.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Factory } from '../../src/core/factory.ts'
import type { Found } from '../../src/core/question.ts'
import { createFactory } from '../../src/factory.ts'
import { snippetShare } from '../eval/snippets.ts'
import { round, say } from '../harness.ts'

interface HandbookQuestion {
  type: string
  text: string
  context?: string
  gold: { file: string; snippets: string[] }[]
}

export interface Shares {
  questions: number
  /** Share of gold files in the first five passages. */
  file: number
  /** Share of gold snippets in one of the first five passages. */
  snippet: number
}

const first = 5
const followUp = 'Contextual Anaphora'

export async function measureHandbook(folder: string): Promise<{ kinds: Record<string, Shares>; followUps: Shares }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'andon-bench-handbook-'))
  try {
    await using factory = await createFactory({ dataDir, handbook: false, loading: { concurrency: 8 } })
    await load(factory, join(folder, 'content'))
    const questions = (await readFile(join(folder, 'queries.jsonl'), 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as HandbookQuestion)
    const sums: Record<string, Shares> = {}
    const followUps: Shares = { questions: 0, file: 0, snippet: 0 }
    for (const [at, question] of questions.entries()) {
      const found = await factory.search({ text: question.text, k: first })
      count((sums[question.type] ??= { questions: 0, file: 0, snippet: 0 }), question.gold, found)
      if (question.type !== followUp) continue
      // The file that holds the answer is the last one named.
      count(followUps, question.gold.slice(-1), await foundAfter(factory, question, `session-${at}`))
    }
    for (const sum of [...Object.values(sums), followUps]) {
      sum.file = round(sum.file / sum.questions)
      sum.snippet = round(sum.snippet / sum.questions)
    }
    return { kinds: sums, followUps }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function load(factory: Factory, content: string): Promise<void> {
  const jobs: string[] = []
  for (const name of await readdir(content, { recursive: true })) {
    if (!name.endsWith('.md')) continue
    const { jobId } = await factory.add({ path: join(content, name), name })
    if (jobId) jobs.push(jobId)
  }
  // A page of nothing but a title is refused, and nothing is lost by it.
  for await (const job of factory.watch(jobs)) if (job.error) say(job.error.message)
}

/** The passages of a follow-up, asked after its previous turn. */
async function foundAfter(
  factory: Factory,
  { text, context = '' }: HandbookQuestion,
  sessionId: string,
): Promise<Found[]> {
  for await (const _ of factory.ask({ text: context, sessionId }));
  for await (const event of factory.ask({ text, sessionId, passages: first }))
    if (event.type === 'passages-found') return event.passages
  return []
}

function count(sum: Shares, gold: HandbookQuestion['gold'], found: readonly Found[]): void {
  const passages = found.slice(0, first).map(({ passage }) => passage)
  const snippets = gold.flatMap(({ file, snippets: texts }) => texts.map((text) => ({ file, text })))
  sum.questions++
  sum.file += share(gold, ({ file }) => passages.some(({ documentName }) => documentName.endsWith(file)))
  sum.snippet += share(snippets, ({ file, text }) =>
    passages.some((passage) => {
      if (!passage.documentName.endsWith(file)) return false
      return (
        snippetShare(text, passage.prefix === undefined ? passage.text : `${passage.prefix}\n${passage.text}`) >= 0.8
      )
    }),
  )
}

function share<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  return items.length === 0 ? 0 : items.filter(holds).length / items.length
}
