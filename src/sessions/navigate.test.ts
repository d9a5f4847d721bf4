import assert from 'node:assert/strict'
import { test } from 'node:test'
import { neighbourOf } from './navigate.ts'
import type { Navigation } from './follow-up.ts'
import type { Block } from '../core/document.ts'

/** A document from its blocks. */
function documentOf(...parts: [Block['kind'], string, Partial<Block>?][]): { text: string; blocks: Block[] } {
  let text = ''
  const blocks: Block[] = []
  for (const [kind, body, facts] of parts) {
    if (text !== '') text += '\n\n'
    blocks.push({ kind, start: text.length, end: text.length + body.length, ...facts })
    text += body
  }
  return { text, blocks }
}

function neighbour(
  { text, blocks }: { text: string; blocks: Block[] },
  cited: string,
  navigation: Navigation,
  question: string,
): string | undefined {
  const start = text.indexOf(cited)
  assert.notEqual(start, -1)
  const span = neighbourOf({ text, blocks, cited: { start, end: start + cited.length }, navigation, question })
  return span && text.slice(span.start, span.end)
}

const table = documentOf(
  ['heading', 'Outputs', { level: 1 }],
  [
    'table',
    '| Team | Output |\n| --- | --- |\n| Sales | Deals |\n| Product | Plans |\n| Support | Answers |',
    { headerLines: 1 },
  ],
)

test('the next row of a table', () => {
  assert.equal(neighbour(table, '| Sales | Deals |', 'next', 'What is the output of Sales?'), '| Product | Plans |')
  assert.equal(neighbour(table, '| Support | Answers |', 'last', 'What is the output of Support?'), undefined)
  assert.equal(neighbour(table, '| Sales | Deals |', 'last', 'What is the output of Sales?'), '| Support | Answers |')
})

test('there is no row before the first one: the header is none', () => {
  assert.equal(neighbour(table, '| Sales | Deals |', 'previous', 'What is the output of Sales?'), undefined)
})

const list = documentOf(
  ['heading', 'Contacts', { level: 2 }],
  ['list', '- Billing: billing@example.com\n- Payroll: payroll@example.com\n- Legal: legal@example.com'],
)

test('the item beside the cited one, also from a part of it', () => {
  const question = 'What is the address for billing?'
  assert.equal(neighbour(list, 'billing@example.com', 'next', question), '- Payroll: payroll@example.com')
  assert.equal(neighbour(list, '- Legal', 'previous', question), '- Payroll: payroll@example.com')
})

test('a question about a heading goes to the next heading, not to the next item under it', () => {
  const sections = documentOf(
    ['heading', 'Books', { level: 4 }],
    ['list', '- Books for your job.\n- Limit is 60 a year.\n- Keep the receipt.'],
    ['heading', 'Cards', { level: 4 }],
    ['list', '- Limit is 150 a quarter.'],
  )
  assert.equal(
    neighbour(sections, '- Limit is 60 a year.', 'next', 'What is the limit for books?'),
    'Cards\n\n- Limit is 150 a quarter.',
  )
})

test('sections of another parent are no neighbours', () => {
  const sections = documentOf(
    ['heading', 'Fruit', { level: 1 }],
    ['heading', 'Apples', { level: 2 }],
    ['paragraph', 'Apples are red.'],
    ['heading', 'Tools', { level: 1 }],
    ['heading', 'Hammers', { level: 2 }],
    ['paragraph', 'Hammers are heavy.'],
  )
  assert.equal(neighbour(sections, 'Apples are red.', 'next', 'What colour are apples?'), undefined)
})

test('text without headings goes to the next paragraph', () => {
  const plain = documentOf(['paragraph', 'One is first.'], ['paragraph', 'Two comes then.'])
  assert.equal(neighbour(plain, 'One is first.', 'next', 'What is first?'), 'Two comes then.')
})

test('a long neighbour is cut at the end of a sentence', () => {
  const plain = documentOf(['paragraph', 'One.'], ['paragraph', 'A sentence of some length here. '.repeat(30).trim()])
  const found = neighbour(plain, 'One.', 'next', 'One?') ?? ''
  assert.ok(found.length <= 400 && found.length > 300)
  assert.ok(found.endsWith('here.'))
})
