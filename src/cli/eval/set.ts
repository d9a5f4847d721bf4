// Reads a retrieval set in the BEIR layout: corpus.jsonl, queries.jsonl and qrels.tsv in one folder.

import { createReadStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { AndonError } from '../../core/errors.ts'
import type { Judgements } from './metrics.ts'

const corpusLine = z.object({ _id: z.string().min(1), title: z.string().nullish(), text: z.string() })
const queryLine = z.object({ _id: z.string().min(1), text: z.string(), answers: z.array(z.string()).nullish() })

export type CorpusDocument = z.infer<typeof corpusLine>

export interface SetQuery {
  id: string
  text: string
  answers: string[]
  judgements: Judgements
}

/** The documents of a set, one by one. */
export async function* documentsOf(folder: string): AsyncGenerator<CorpusDocument> {
  yield* linesOf(join(folder, 'corpus.jsonl'), corpusLine)
}

/** The questions that have a judgement, in the file's order. */
export async function queriesOf(folder: string): Promise<SetQuery[]> {
  const judged = new Map<string, Map<string, number>>()
  let number = 0
  for await (const line of readLines(join(folder, 'qrels.tsv'))) {
    number++
    const cells = line.split('\t')
    const [query, document] = cells
    const grade = Number(cells.at(-1))
    if (number === 1 && Number.isNaN(grade)) continue // a header
    if (!query || !document || cells.length < 3 || Number.isNaN(grade))
      throw new AndonError(
        'invalid',
        `Line ${number} of ${join(folder, 'qrels.tsv')} is «${line.slice(0, 80)}»: expected query-id, corpus-id and score, separated by tabs`,
      )
    if (grade <= 0) continue
    const known = judged.get(query) ?? new Map<string, number>()
    known.set(document, grade)
    judged.set(query, known)
  }
  const queries: SetQuery[] = []
  for await (const { _id, text, answers } of linesOf(join(folder, 'queries.jsonl'), queryLine)) {
    const judgements = judged.get(_id)
    if (judgements) queries.push({ id: _id, text, answers: answers ?? [], judgements })
  }
  if (queries.length === 0)
    throw new AndonError(
      'invalid',
      `${folder} has no question with a judgement: the ids of queries.jsonl and qrels.tsv must agree`,
    )
  return queries
}

async function* linesOf<T>(path: string, shape: z.ZodType<T>): AsyncGenerator<T> {
  let number = 0
  for await (const line of readLines(path)) {
    number++
    if (line.trim() === '') continue
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      throw new AndonError('invalid', `Line ${number} of ${path} is not JSON: «${line.slice(0, 80)}»`)
    }
    const read = shape.safeParse(value)
    if (!read.success) throw new AndonError('invalid', `Line ${number} of ${path}: ${z.prettifyError(read.error)}`)
    yield read.data
  }
}

async function* readLines(path: string): AsyncGenerator<string> {
  await access(path).catch(() => {
    throw new AndonError('not-found', `There is no ${path}: a set holds corpus.jsonl, queries.jsonl and qrels.tsv`)
  })
  yield* createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })
}
