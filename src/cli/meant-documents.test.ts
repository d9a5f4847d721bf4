// A name that no document has leads to those that were meant.

import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { meantDocuments } from './meant-documents.ts'

const base = resolve('work')
const names = ['docs/a.md', 'docs/sub/b.md', 'docs/sub/c.md', 'docs/table.csv', 'manual/d.md']

const hint = (given: string): string | undefined => meantDocuments(given, { path: resolve(base, given), base, names })

test('a path on the way to a document is told the name that the document has', () => {
  for (const given of ['./docs/a.md', resolve(base, 'docs/a.md'), 'docs/sub/../a.md', 'a.md'])
    assert.equal(hint(given), 'Did you mean docs/a.md?', given)
  assert.equal(hint('sub/b.md'), 'Did you mean docs/sub/b.md?')
})

test('a folder is told what stands in it, whichever way it is written', () => {
  const whole =
    ' is a folder of 4 documents, and each is given by its own name: docs/a.md, docs/sub/b.md, docs/sub/c.md, ….'
  for (const given of ['docs', 'docs/', './docs', resolve(base, 'docs')]) assert.equal(hint(given), given + whole)
  assert.match(hint('docs/sub') ?? '', /^docs\/sub is a folder of 2 documents.*: docs\/sub\/b\.md, docs\/sub\/c\.md\.$/)
  assert.match(hint('sub') ?? '', /^sub is a folder of 2 documents/)
  // Folders from elsewhere are known by their own name.
  assert.equal(hint('../elsewhere/manual'), 'Did you mean manual/d.md?')
})

test('a slip of the finger is told what comes near, and nothing when nothing does', () => {
  assert.equal(hint('docs/tabel.csv'), 'Did you mean docs/table.csv?')
  assert.equal(hint('something-else.pdf'), undefined)
})
