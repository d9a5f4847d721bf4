// What a coroutine, a thread and a process cost, by the command that a user has, kept and written into the handbook.
//
//   npm run -s bench:concurrency [-- --json] [--rounds 15]
//   npm run -s bench:concurrency -- --pages      measures nothing: the pages anew from the result that is kept
//
// Every page that shows a part of the result is written anew, with the program that checks it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import type { Row } from '../../src/bench/concurrency/measure.ts'
import { tablesOf, type ConcurrencyResult } from '../../src/bench/concurrency/result.ts'
import { languages } from '../../src/bench/concurrency/words.ts'
import { atMost, publish, say, type Gate } from '../harness.ts'
import { markdownTable, pageFile, readKept, withItsEnd, type Kept } from './handbook.ts'
import { pageEnds } from './pages.ts'

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, pages: { type: 'boolean' }, rounds: { type: 'string', default: '15' } },
})

if (values.pages !== true) {
  const { method, rows, rounds, seconds, conditions } = await measure(values.rounds)
  const machine = `a small machine that others use: its load average was ${conditions.loadBefore} before, on ${conditions.cores} cores`
  publish({
    name: 'concurrency',
    method: `${method} ${rounds} rounds in ${seconds} s, on ${machine}.`,
    rows,
    gates: gatesOf(rows),
  })
  writeFileSync(new URL('../results/concurrency.md', import.meta.url), reportOf(readKept()))
}
writePages(readKept())

/** By the command, as a user measures. */
async function measure(rounds: string): Promise<ConcurrencyResult> {
  const main = new URL('../../src/cli/main.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [main, 'bench', 'concurrency', '--json', '--rounds', rounds], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const printed = await text(child.stdout)
  const [code]: unknown[] = await ended
  if (code !== 0) throw new Error(`andon bench concurrency ended with ${String(code)}: ${printed}`)
  return JSON.parse(printed) as ConcurrencyResult
}

/** What the pages say in words: one of a kind costs less than the next. */
function gatesOf(rows: readonly Row[]): Gate[] {
  const median = (id: string): number => rows.find((row) => row.id === id)?.median ?? Number.NaN
  const less = (name: string, one: string, other: string): Gate => atMost(name, median(one) / median(other), 1)
  return [
    less('start: a coroutine, of a thread', 'start.coroutine', 'start.thread'),
    less('memory: a coroutine, of a thread', 'memory.coroutine', 'memory.thread'),
    less('memory: a thread, of a process', 'memory.thread', 'memory.process'),
    less('switch: an async function, of two threads', 'switch.async', 'switch.thread'),
    less('switch: two threads, of two processes', 'switch.thread', 'switch.pipe'),
    less('64 KB to a thread: moved, of copied', 'message.transfer.64KB', 'message.clone.64KB'),
    less('lock: one thread, of two', 'primitive.lock.free', 'primitive.lock-threads.free'),
    less('lock: two threads, of two processes', 'primitive.lock-threads.free', 'primitive.lock-processes.free'),
  ]
}

function reportOf({ method, rows, conditions }: Kept): string {
  const ran = Object.entries(conditions).map(([name, value]) => `${name} ${value}`)
  const tables = tablesOf(rows, 'en').map(({ head, lines }) => markdownTable(head, lines))
  return `# Concurrency, measured\n\n${[method, ran.join(', '), ...tables].join('\n\n')}\n`
}

function writePages(kept: Kept): void {
  for (const name of Object.keys(pageEnds))
    for (const language of languages) {
      const file = pageFile(name, language)
      writeFileSync(file, withItsEnd(name, language, readFileSync(file, 'utf8'), kept))
    }
  say(`Wrote ${Object.keys(pageEnds).length} pages of the handbook in ${languages.length} languages.`)
}
