// How well Andon finds, answers and refuses with no model at all, through the same commands and library a user has.
//
//   npm run -s bench:quality -- --json [--data FOLDER] [--only xquad-en]
//
// FOLDER holds retrieval sets (corpus.jsonl, queries.jsonl, qrels.tsv) and the handbook set (content/, queries.jsonl).
// Default: BENCH_SETS, else the folder data of a folder «shared» beside this repository.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { withTypos } from '../eval/typos.ts'
import { atLeast, atMost, publish, say, type Gate } from '../harness.ts'
import { measureHandbook } from './handbook.ts'

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, data: { type: 'string' }, only: { type: 'string' } },
})
const data = resolve(values.data ?? process.env['BENCH_SETS'] ?? '../shared/data')

interface Measured {
  'nDCG@10': number
  questionsPerSecond: number
  answers: { top1: number; top2: number; top3: number }
  refusal: { auc: number }
}

/** What each set must reach: ranking, the answer in the first and in the first three sentences, refusal. */
const bounds: Record<string, { ndcg: number; top1: number; top3: number; auc: number }> = {
  'xquad-en': { ndcg: 0.975, top1: 0.815, top3: 0.95, auc: 0.93 },
  'xquad-zh': { ndcg: 0.971, top1: 0.78, top3: 0.93, auc: 0.93 },
  'cmrc2018-dev': { ndcg: 0.994, top1: 0.79, top3: 0.925, auc: 0.93 },
}

const rows: unknown[] = []
const gates: Gate[] = []
const wanted = (name: string) => values.only === undefined || values.only === name

for (const [name, bound] of Object.entries(bounds)) {
  if (!wanted(name)) continue
  say(`measuring ${name}`)
  const measured = await evaluateSet(join(data, name), ['--answers', '--refusal'])
  rows.push({ set: name, ...measured })
  gates.push(
    atLeast(`${name} nDCG@10`, measured['nDCG@10'], bound.ndcg),
    atLeast(`${name} answer in the first sentence`, measured.answers.top1, bound.top1),
    atLeast(`${name} answer in the first three`, measured.answers.top3, bound.top3),
    atLeast(`${name} refusal AUC`, measured.refusal.auc, bound.auc),
  )
  if (name !== 'xquad-en') continue
  say('measuring xquad-en with two typos in each question')
  const misspelled = await evaluateMisspelled(join(data, name))
  rows.push({ set: 'xquad-en, two typos', ...misspelled })
  gates.push(atMost('nDCG@10 lost to two typos', measured['nDCG@10'] - misspelled['nDCG@10'], 0.025))
}

if (wanted('handbook')) {
  say('measuring the handbook set')
  const folder = join(data, 'gitlab-handbook-qa')
  if (!existsSync(folder)) throw new Error(`There is no ${folder}: name the folder of the sets with --data`)
  const { kinds, followUps } = await measureHandbook(folder)
  rows.push({ set: 'handbook', kinds, followUps })
  const single = kinds['Single-Text']
  gates.push(
    atLeast('handbook right file in the first five', single?.file ?? 0, 0.975),
    atLeast('handbook right snippet in the first five', single?.snippet ?? 0, 0.845),
    atLeast('handbook right snippet, aimed at', single?.snippet ?? 0, 0.9),
    atLeast('handbook multi-hop snippet', kinds['Multi-hop Reasoning']?.snippet ?? 0, 0.31),
    atLeast('handbook follow-ups that find the file', followUps.file, 0.9),
  )
}

publish({
  name: 'quality',
  method:
    'No model, no embedder. Each set is loaded through the parser, splitter and store like documents of a user and asked through `andon eval`; a document counts by its best passage; answers are the first cited sentences, at most 400 characters each; for refusal every question is asked again without its gold passage. The handbook set is loaded as a folder of Markdown: a file or snippet counts when it stands in one of the first five passages (a snippet by 80 % of its 5-grams in one passage of at most 1,000 characters, each snippet by itself); follow-ups are asked in a session after their previous turn.',
  rows,
  gates,
})

/** Runs `andon eval` as a user does and reads its last line. */
async function evaluateSet(folder: string, flags: string[]): Promise<Measured> {
  const main = new URL('../../src/cli/main.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [main, 'eval', folder, '--json', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk))
  const code = await new Promise<number | null>((done) => child.once('close', done))
  if (code !== 0) throw new Error(`andon eval ${folder} ended with ${code}: ${output}`)
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Measured
}

async function evaluateMisspelled(folder: string): Promise<Measured> {
  const copy = await mkdtemp(join(tmpdir(), 'andon-typos-'))
  try {
    for (const file of ['corpus.jsonl', 'qrels.tsv']) await symlink(join(folder, file), join(copy, file))
    const lines = (await readFile(join(folder, 'queries.jsonl'), 'utf8')).split('\n').filter((line) => line !== '')
    const misspelled = lines.map((line, at) => {
      const query = JSON.parse(line) as { text: string }
      return JSON.stringify({ ...query, text: withTypos(query.text, at + 1) })
    })
    await writeFile(join(copy, 'queries.jsonl'), misspelled.join('\n'))
    return await evaluateSet(copy, [])
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}
