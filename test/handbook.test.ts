// The handbook keeps its word: both languages hold the same pages, every example runs, and every file it names exists.

import { strict as assert } from 'node:assert'
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..')
const languages = ['en', 'zh'] as const

function pagesOf(language: string): string[] {
  return readdirSync(join(root, 'handbook', language)).sort()
}

function read(language: string, page: string): string {
  return readFileSync(join(root, 'handbook', language, page), 'utf8')
}

function examplesOf(text: string): string[] {
  return Array.from(text.matchAll(/^```ts\n(.*?)^```$/gms), (match) => match[1] ?? '')
}

/** Code without its comments, because these are in the language of the page. */
function withoutComments(code: string): string {
  return code.replaceAll(/(^|\s)(\/\/.*|\/\*\*?.*?\*\/)/gm, '').replaceAll(/\s+/g, ' ')
}

describe('The handbook', () => {
  it('has the same pages in English and in Chinese', () => {
    assert.deepEqual(pagesOf('zh'), pagesOf('en'))
    assert.ok(pagesOf('en').length >= 20)
  })

  for (const page of pagesOf('en')) {
    it(`shows the same code in both languages of ${page}`, () => {
      const [english, chinese] = languages.map((language) => examplesOf(read(language, page)).map(withoutComments))
      assert.deepEqual(chinese, english)
    })
  }

  it('names only files that exist', () => {
    const missing = languages.flatMap((language) =>
      pagesOf(language).flatMap((page) =>
        Array.from(
          read(language, page).matchAll(/`((?:src|test|docs|examples|bench)\/[\w./-]*)`/g),
          (match) => match[1] ?? '',
        )
          .filter((path) => !existsSync(join(root, path)))
          .map((path) => `${language}/${page} names ${path}`),
      ),
    )
    assert.deepEqual(missing, [])
  })

  it('has examples that run to their end', { timeout: 60_000 }, async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-handbook-'))
    // An example that imports Andon itself needs a data directory and a whole factory: the journeys cover those.
    const examples = pagesOf('en').flatMap((page) =>
      examplesOf(read('en', page))
        .filter((code) => !code.includes("from 'andon"))
        .map((code, index) => ({ name: `${page}-${index}`, code })),
    )
    assert.ok(examples.length >= 15)
    for (const { name, code } of examples) {
      const file = join(folder.path, `${name}.mts`)
      await writeFile(file, code)
      await assert.doesNotReject(promisify(execFile)(process.execPath, [file], { timeout: 20_000 }), name)
    }
  })
})
