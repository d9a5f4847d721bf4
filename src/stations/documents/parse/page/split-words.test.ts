// Words drawn in two pieces are joined where the document shows that they are one, and nowhere else.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinSplitWords } from './split-words.ts'
import type { Row } from './lines.ts'

function joined(...lines: string[]): string[] {
  const rows = lines.map((text, index): Row => ({
    segments: [{ text, left: 0, right: 100, base: index * 10, size: 10, font: 'f' }],
    base: index * 10,
    size: 10,
    font: 'f',
    left: 0,
    right: 100,
  }))
  joinSplitWords(rows)
  return rows.flatMap(({ segments }) => segments.map(({ text }) => text))
}

test('a heading whose last letter stands apart is joined when the whole word stands elsewhere', () => {
  const [heading] = joined('Consolidated Balance Shee t', 'The balance sheet shows what is owned.')
  assert.equal(heading, 'Consolidated Balance Sheet')
})

test('a single letter is joined though what stands before it is a word as well', () => {
  const [heading] = joined('Statement of Cash Flow s', 'Cash flow is less than all cash flows.')
  assert.equal(heading, 'Statement of Cash Flows')
})

test('several letters are joined in any case, with the full stop behind them', () => {
  const lines = joined('RESULTS OF OPERATI ONS', 'Item 2. Propert ies.', 'Our operations need properties.')
  assert.deepEqual(lines.slice(0, 2), ['RESULTS OF OPERATIONS', 'Item 2. Properties.'])
})

test('nothing is joined into a word that the document does not have', () => {
  assert.deepEqual(joined('Figure b', 'Annual Repo rt'), ['Figure b', 'Annual Repo rt'])
})

test('two words stay two when either is used alone, or the letter is an article or a capital', () => {
  const lines = ['What it may be', 'You may go, and be back; maybe.', 'It is not so d a', 'soda', 'Class S', 'classs']
  assert.deepEqual(joined(...lines), lines)
})

test('what stands apart in the middle of a line is left', () => {
  const lines = ['Balance Shee t of the year', 'The balance sheet']
  assert.deepEqual(joined(...lines), lines)
})
