// docs/bad-inputs.md and the tables are the same, row by row.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { markdownOf, tables } from './tables.ts'

const path = new URL('../../docs/bad-inputs.md', import.meta.url)

test('every row of the documentation has a test of the same name, and every test its row', async () => {
  const text = await readFile(path, 'utf8')
  const written = text.split('\n').filter(isRow)
  const tested = tables.flatMap((table) => markdownOf(table).split('\n').filter(isRow))
  assert.deepEqual(written, tested)
})

test('no name stands for two rows of a table', () => {
  for (const { title, rows } of tables) assert.equal(new Set(rows.map(({ given }) => given)).size, rows.length, title)
})

test('every table is under its heading and names the file that tests it', async () => {
  const text = await readFile(path, 'utf8')
  for (const { title, test: file } of tables) {
    const [, section = ''] = text.split(`## ${title}\n`)
    assert.ok(section.split('\n## ')[0]?.includes(`test/bad-inputs/${file}`), title)
  }
})

function isRow(line: string): boolean {
  return line.startsWith('| ') && line !== '| what is given | what you get |'
}
