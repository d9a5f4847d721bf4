// The programs on the handbook's pages on concurrency: each runs and checks itself, and each page shows it as it stands,
// with the figures of the result that is kept.

import { strict as assert } from 'node:assert'
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { cp, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { pageFile, readKept, withItsEnd } from '../bench/concurrency/handbook.ts'
import { pageEnds } from '../bench/concurrency/pages.ts'
import { languages } from '../src/bench/concurrency/words.ts'

const folder = join(import.meta.dirname, 'concurrency')
const hooks = join(import.meta.dirname, 'from-source/hooks.ts')
const names = Object.keys(pageEnds)

const run = (file: string): Promise<{ stdout: string }> =>
  promisify(execFile)(process.execPath, ['--import', hooks, file], { timeout: 50_000 })

describe('The programs on concurrency', { concurrency: 2 }, () => {
  it('are those that the handbook has pages for', () => {
    assert.deepEqual(readdirSync(folder).sort(), names.map((name) => `${name}.ts`).sort())
  })

  for (const name of names)
    it(`${name} says what happened, and its checks hold`, { timeout: 60_000 }, async () => {
      const { stdout } = await run(join(folder, `${name}.ts`))
      assert.notEqual(stdout.trim(), '')
    })

  it('fail when what they claim is not so', async () => {
    await using own = await mkdtempDisposable(join(tmpdir(), 'andon-example-'))
    const file = join(own.path, 'lock.mts')
    await cp(join(folder, 'lock.ts'), file)
    const code = await readFile(file, 'utf8')
    await writeFile(file, code.replace('using _held = await ledger.acquire({ timeoutMs: 10_000 })', ''))
    await assert.rejects(run(file), /AssertionError/)
  })
})

describe('The handbook on concurrency', () => {
  const kept = readKept()
  for (const name of names)
    it(`shows the program and the figures of ${name}: else run bench:concurrency with --pages`, () => {
      for (const language of languages) {
        const page = readFileSync(pageFile(name, language), 'utf8')
        assert.equal(page, withItsEnd(name, language, page, kept))
      }
    })
})
