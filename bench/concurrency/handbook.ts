// Writes the ends of the handbook's pages on concurrency: each program as it stands in its file, and its tables.

import { readFileSync } from 'node:fs'
import type { Row } from '../../src/bench/concurrency/measure.ts'
import { tablesOf } from '../../src/bench/concurrency/result.ts'
import type { Language, Words } from '../../src/bench/concurrency/words.ts'
import type { conditions } from '../harness.ts'
import { pageEnds } from './pages.ts'

const root = new URL('../../', import.meta.url)

/** What is kept of a run. */
export interface Kept {
  method: string
  rows: Row[]
  conditions: ReturnType<typeof conditions>
}

/** The result that is committed. */
export function readKept(): Kept {
  return JSON.parse(readFileSync(new URL('bench/results/concurrency.json', root), 'utf8')) as Kept
}

/** How the heading begins with which the end of a page does. */
const beginning: Words = { en: 'Run it: ', zh: '运行看看：' }

/** Where a page is. */
export function pageFile(name: string, language: Language): URL {
  return new URL(`handbook/${language}/${name}.md`, root)
}

/** A page as it has to be: its text up to its end, and the end anew. */
export function withItsEnd(name: string, language: Language, text: string, kept: Kept): string {
  const end = pageEnds[name]
  if (!end) throw new Error(`The handbook has no page ${name} on concurrency`)
  const [before = ''] = text.split(`\n## ${beginning[language]}`)
  const code = readFileSync(new URL(`examples/concurrency/${name}.ts`, root), 'utf8')
  const wanted = kept.rows.filter(({ group, subject }) =>
    end.rows.some((row) => row === group || row === `${group}.${subject}`),
  )
  const parts = [
    before.trimEnd(),
    `## ${end.run[language]}`,
    `${end.shows[language]}${howToRun(name, language)}`,
    `\`\`\`ts\n${code}\`\`\``,
    `## ${end.measured[language]}`,
    machine(kept, language),
    ...tablesOf(wanted, language).map(({ head, lines }) => markdownTable(head, lines)),
  ]
  return `${parts.join('\n\n')}\n`
}

/** A table in Markdown. */
export function markdownTable(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n')
}

/** With the name of the page once and no more: who asks for it wants what the page says, not how to run a file. */
function howToRun(name: string, language: Language): string {
  const command = `npm run -s example examples/concurrency/${name}.ts`
  return language === 'zh'
    ? `不是这样，程序就以错误结束。在仓库里用 \`${command}\` 运行；装了 Andon 的地方，存成 \`.mts\` 文件交给 \`node\`。`
    : ` It ends with an error when that is not so. \`${command}\` runs it in the repository; where Andon is installed, save it as an \`.mts\` file for \`node\`.`
}

function machine({ conditions: { node, cores, cpu } }: Kept, language: Language): string {
  const version = String(node).slice(1)
  return language === 'zh'
    ? `用 \`andon bench concurrency\` 测得：Node ${version}，${cores} 核 ${cpu}，一台又小又忙的机器，请比较各行，不要计较数字。括号里是中间一半样本的范围；自己的机器，用同一条命令测。`
    : `Measured by \`andon bench concurrency\` with Node ${version} on ${cores} cores of ${cpu}, a small and noisy machine: compare the lines, not the digits. In brackets is the middle half of the samples; the same command measures your machine.`
}
