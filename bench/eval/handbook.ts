// Measures search and rerank on a folder of Markdown with questions, gold files and gold snippets:
// `node bench/eval/handbook.ts FOLDER [--max 1000] [--tokens N] [--overlap N]`. FOLDER holds `content/` and
// `queries.jsonl` with lines {_id, type, text, context?, gold: [{file, snippets}]}. Prints one JSON line.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import type { Found } from '../../src/core/question.ts'
import { rank } from '../../src/stations/rerank/rank.ts'
import { round } from '../harness.ts'
import { indexOfFolder } from './build-index.ts'
import { searchAll } from './ranking.ts'
import { snippetShare } from './snippets.ts'

const line = z.object({
  _id: z.string(),
  type: z.string(),
  text: z.string(),
  context: z.string().optional(),
  gold: z.array(z.object({ file: z.string(), snippets: z.array(z.string()) })),
})

export type HandbookQuestion = z.infer<typeof line>

export interface HandbookMeasures {
  questions: number
  /** Share of the gold files among the files of the first five passages. */
  'file@5': number
  /** Share of the gold files of which a snippet stands, to 80 %, in one of the first five passages. */
  'snippet@5': number
}

/** The questions of a handbook set. */
export function questionsOf(folder: string): HandbookQuestion[] {
  const lines = readFileSync(join(folder, 'queries.jsonl'), 'utf8').split('\n')
  return lines.filter((text) => text.trim() !== '').map((text) => line.parse(JSON.parse(text)))
}

/** The measures by kind of question; `rankings` are passages, best first. */
export function measureHandbook(
  questions: readonly HandbookQuestion[],
  rankings: readonly Found[][],
): Record<string, HandbookMeasures> {
  const kinds: Record<string, HandbookMeasures> = {}
  questions.forEach(({ type, gold }, number) => {
    const kind = (kinds[type] ??= { questions: 0, 'file@5': 0, 'snippet@5': 0 })
    const ranking = rankings[number] ?? []
    kind.questions++
    kind['file@5'] +=
      gold.filter(({ file }) => firstFiles(ranking).some((name) => name.endsWith(file))).length / gold.length
    kind['snippet@5'] += gold.filter((one) => holdsSnippet(one, ranking)).length / gold.length
  })
  for (const kind of Object.values(kinds)) {
    kind['file@5'] = round(kind['file@5'] / kind.questions)
    kind['snippet@5'] = round(kind['snippet@5'] / kind.questions)
  }
  return kinds
}

function firstFiles(ranking: readonly Found[]): string[] {
  return [...new Set(ranking.map(({ passage }) => passage.documentName))].slice(0, 5)
}

function holdsSnippet({ file, snippets }: HandbookQuestion['gold'][number], ranking: readonly Found[]): boolean {
  return ranking
    .slice(0, 5)
    .filter(({ passage }) => passage.documentName.endsWith(file))
    .some(({ passage }) => {
      const text = passage.prefix === undefined ? passage.text : `${passage.prefix}\n${passage.text}`
      return snippets.some((snippet) => snippetShare(snippet, text) >= 0.8)
    })
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { max: { type: 'string' }, tokens: { type: 'string' }, overlap: { type: 'string' } },
  })
  const [folder] = positionals
  if (folder === undefined) throw new Error('Name the folder of the set: node bench/eval/handbook.ts FOLDER')
  const options = {
    ...(values.max === undefined ? {} : { maxCharacters: Number(values.max) }),
    ...(values.tokens === undefined ? {} : { maxTokens: Number(values.tokens) }),
    ...(values.overlap === undefined ? {} : { overlap: Number(values.overlap) }),
  }
  const index = indexOfFolder(join(folder, 'content'), options)
  const questions = questionsOf(folder)
  const { searched } = await searchAll(index, questions, 50)
  const measures = measureHandbook(
    questions,
    searched.map(({ query, found }) => rank(query, found).ranked),
  )
  console.log(JSON.stringify({ passages: index.size, ...measures }))
}
