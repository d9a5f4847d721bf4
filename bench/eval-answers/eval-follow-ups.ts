// Measures follow-up questions over a folder of Markdown: with the turn before given, how often the file that holds the
// answer is among the first five passages, and how often the answer is in the first sentences.
//
//   node bench/eval-answers/eval-follow-ups.ts FOLDER [--show]
//
// FOLDER/queries.jsonl has lines {text, context, answers, gold: [{file}]} (those without context are left out, except
// to count how many of them look like follow-ups); the files are under FOLDER/content.

import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { glob } from 'tinyglobby'
import { comparable } from '../../src/cli/eval/metrics.ts'
import type { ParsedPart } from '../../src/core/document.ts'
import { betterOf, resolveFollowUp } from '../../src/sessions/follow-up.ts'
import { neighbourOf } from '../../src/sessions/navigate.ts'
import { parseMarkdown } from '../../src/stations/documents/parse/markdown.ts'
import { prepare } from '../../src/stations/documents/prepare.ts'
import { split } from '../../src/stations/documents/split.ts'
import { extract } from '../../src/stations/generate/extract.ts'
import { rank } from '../../src/stations/rerank/rank.ts'
import { MemoryIndex } from './memory-index.ts'

interface Line {
  type: string
  text: string
  context?: string
  answers: string[]
  gold: { file: string; snippets: string[] }[]
}

const { positionals, values } = parseArgs({ allowPositionals: true, options: { show: { type: 'boolean' } } })
const [folder] = positionals
if (folder === undefined) throw new Error('Name the folder of the set: eval-follow-ups.ts FOLDER')

const root = join(folder, 'content')
const documents = new Map<string, ParsedPart>()
const index = new MemoryIndex()
for (const path of await glob('**/*.md', { cwd: root, absolute: true })) {
  const id = relative(root, path)
  const parsed = parseMarkdown(await readFile(path, 'utf8'), id)
  documents.set(id, parsed)
  const title = parsed.title ?? ''
  const passages = split(parsed.text, parsed.blocks).map((one, ordinal) => prepare(parsed.text, title, one, ordinal))
  index.add({ id, title, passages })
}

async function answer(text: string) {
  const query = index.query(text)
  const ranking = rank(query, index.find(query, 50))
  return { text, ...ranking, ...extract({ query, ...ranking }) }
}

const lines = (await readFile(join(folder, 'queries.jsonl'), 'utf8'))
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Line)
const followUps = lines.filter(({ context }) => context !== undefined)
const counts = { detected: 0, file: 0, top1: 0, top3: 0, asIs: 0 }
for (const { text, context = '', answers, gold } of followUps) {
  const wanted = gold.at(-1)?.file ?? ''
  const before = await answer(context)
  const resolved = resolveFollowUp(text, [{ role: 'user', text: context, at: 0 }])
  const readings = await Promise.all([resolved.resolved, ...resolved.alternatives].map(answer))
  const [first, ...others] = readings
  if (first === undefined) continue
  const kept = betterOf([first, ...others])
  const holds = (file: string) => wanted.endsWith(file) || file.endsWith(wanted)
  const files = kept.ranked.slice(0, 5).map(({ passage }) => passage.documentId)
  const quotes = kept.sentences.map((sentence) => sentence.text)
  const cited = before.sentences[0]
  const passage = before.ranked.find(({ passage: { id } }) => id === cited?.passageId)?.passage
  const document = passage && documents.get(passage.documentId)
  let neighbour: string | undefined
  if (resolved.navigation && cited && document) {
    const { text: whole, blocks } = document
    const span = neighbourOf({ text: whole, blocks, cited, navigation: resolved.navigation, question: context })
    if (span) neighbour = whole.slice(span.start, span.end)
    if (neighbour !== undefined) quotes.unshift(neighbour)
  }
  const at = quotes.slice(0, 3).findIndex((quote) => answers.some((one) => comparable(quote).includes(comparable(one))))
  counts.detected += resolved.followUp ? 1 : 0
  counts.file += files.some(holds) ? 1 : 0
  counts.top1 += at === 0 ? 1 : 0
  counts.top3 += at >= 0 ? 1 : 0
  const plain = text === kept.text
  counts.asIs += plain ? 1 : 0
  if (values.show) {
    console.log(`${files.some(holds) ? 'ok  ' : 'MISS'} ${at} ${context} → ${text} ⇒ ${kept.text}`)
    console.log(
      `     cited «${cited?.text.slice(0, 90)}»\n     neighbour «${neighbour?.slice(0, 90)}» wanted ${answers.join(' / ').slice(0, 60)}`,
    )
  }
}
const singles = lines.filter(({ type, context }) => context === undefined && type === 'Single-Text')
const single = { questions: singles.length, top1: 0, top3: 0 }
for (const { text, answers } of singles) {
  const { sentences } = await answer(text)
  const holding = sentences.findIndex((one) => answers.some((some) => comparable(one.text).includes(comparable(some))))
  if (holding === 0) single.top1++
  if (holding >= 0) single.top3++
}
const whole = lines.filter(({ context }) => context === undefined)
const mistaken = whole.filter(
  ({ text }) => resolveFollowUp(text, [{ role: 'user', text: 'What is the limit for books?', at: 0 }]).followUp,
)
if (values.show) for (const { text } of mistaken) console.log('mistaken', text)
console.log(
  JSON.stringify({
    followUps: followUps.length,
    ...counts,
    single,
    whole: whole.length,
    mistaken: mistaken.length,
  }),
)
