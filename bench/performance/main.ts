// Writes the pictures and tables of docs/performance.md from the results that are kept in bench/results; what stands there
// between the marks is theirs, and the rest is written by hand. With --run it measures first (a quarter of an hour; the
// router apart: npm run -s bench:router).
//
//   npm run -s bench:performance -- [--run [--only batching,serving,end-to-end]]

import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { say } from '../harness.ts'
import { fill } from './page.ts'
import { sections } from './sections.ts'

const measured: Record<string, string> = {
  batching: './batching.ts',
  serving: '../serving/main.ts',
  'end-to-end': '../end-to-end/main.ts',
}

const { values } = parseArgs({ options: { run: { type: 'boolean' }, only: { type: 'string' } } })
if (values.run) {
  for (const name of values.only?.split(',') ?? Object.keys(measured)) {
    const file = measured[name]
    if (file === undefined)
      throw new Error(`--only is ${name}: it must be of ${Object.keys(measured).join(', ')}, with commas between.`)
    say(`measuring ${name}`)
    const program = fileURLToPath(new URL(file, import.meta.url))
    const { status } = spawnSync(process.execPath, [program], { stdio: 'inherit' })
    // One ends with 1 when a bound was missed; the page says so.
    if (status !== 0 && status !== 1) throw new Error(`${name} ended with ${status}.`)
  }
}

const docs = new URL('../../docs/', import.meta.url)
const page = new URL('performance.md', docs)
const { parts, pictures } = sections()
writeFileSync(page, fill(readFileSync(page, 'utf8'), parts))
for (const [name, svg] of Object.entries(pictures)) writeFileSync(new URL(`pictures/${name}`, docs), svg)
say(`docs/performance.md and ${Object.keys(pictures).length} pictures are up to date with bench/results.`)
