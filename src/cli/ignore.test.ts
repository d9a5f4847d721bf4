import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ignorePattern, IgnoreRules } from './ignore.ts'

describe('A line of a .gitignore', () => {
  const table: [string, string[], string[]][] = [
    ['*.log', ['a.log', 'deep/a.log'], ['a.logs', 'a.log/b']],
    ['/a.md', ['a.md'], ['deep/a.md']],
    ['docs/out', ['docs/out'], ['deep/docs/out']],
    ['build/', ['build', 'deep/build'], ['builds']],
    ['**/x', ['x', 'a/x', 'a/b/x'], ['ax']],
    ['a/**/z', ['a/z', 'a/b/z', 'a/b/c/z'], ['z']],
    ['a/**', ['a/b', 'a/b/c'], ['a']],
    ['?.md', ['a.md'], ['ab.md', '/.md']],
    ['[ab].md', ['a.md', 'b.md'], ['c.md']],
    ['[!ab].md', ['c.md'], ['a.md']],
    ['\\#x', ['#x'], ['x']],
    ['a+b(c).md', ['a+b(c).md'], ['aab(c).md']],
  ]
  for (const [line, fits, fitsNot] of table) {
    it(line, () => {
      const pattern = ignorePattern(line)
      for (const path of fits) assert.match(path, pattern)
      for (const path of fitsNot) assert.doesNotMatch(path, pattern)
    })
  }
})

describe('Ignore rules', () => {
  it('come from the folder, from those above it in its repository, and the last that fits counts', async () => {
    const root = await mkdtemp(join(tmpdir(), 'andon-ignore-'))
    try {
      const docs = join(root, 'docs')
      await mkdir(join(root, '.git'))
      await mkdir(docs)
      await writeFile(join(root, '.gitignore'), '# comment\n*.tmp\ndocs/draft.md\nnew/\n')
      await writeFile(join(docs, '.gitignore'), '!keep.tmp\r\n')
      const rules = await (await IgnoreRules.above(docs)).inside(docs)
      const ignored = (name: string, isFolder = false): boolean => rules.ignores(join(docs, name), isFolder)
      assert.equal(ignored('a.tmp'), true)
      assert.equal(ignored('keep.tmp'), false)
      assert.equal(ignored('draft.md'), true)
      assert.equal(ignored('a.md'), false)
      assert.equal(ignored('new', true), true)
      assert.equal(ignored('new'), false)
      assert.equal(ignored('.env'), true)
      assert.equal(ignored('node_modules', true), true)
    } finally {
      await rm(root, { recursive: true })
    }
  })
})
