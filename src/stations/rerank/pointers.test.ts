// A question that names a document, or a place in it, gets its passages from there.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Found } from '../../core/question.ts'
import { plainQuery } from '../search/query.ts'
import { rank } from './rank.ts'

interface Place {
  document: string
  title?: string
  headings?: string[]
}

const text = 'Sales were 12 and costs were 7.'

/** Passages with one text, found equally well: only where they stand tells them apart. */
function passages(...places: Place[]): Found[] {
  return places.map(({ document, title = '', headings = [] }, ordinal) => ({
    score: 1,
    keyword: 1,
    passage: {
      id: `${document}.${ordinal}`,
      documentId: document,
      documentName: document,
      title,
      collection: '',
      headings,
      kind: 'paragraph',
      ordinal,
      start: 0,
      end: text.length,
      text,
    },
  }))
}

function best(question: string, ...places: Place[]): Found['passage'] | undefined {
  const query = plainQuery(question, { passages: 100, averageLength: 20, frequencies: new Map([['sale', 50]]) })
  return rank(query, passages(...places)).ranked[0]?.passage
}

test('the document whose name has the company and the year of the question comes first', () => {
  const found = best(
    'What were the sales of Acme in 2021?',
    { document: 'reports/ACME_2020_10K.pdf' },
    { document: 'reports/OTHER_2021_10K.pdf' },
    { document: 'reports/ACME_2021_10K.pdf' },
  )
  assert.equal(found?.documentName, 'reports/ACME_2021_10K.pdf')
})

test('a title counts like a name', () => {
  const found = best('What were the sales of Acme?', { document: 'a' }, { document: 'b', title: 'Acme, Inc.' })
  assert.equal(found?.documentName, 'b')
})

test('words in small letters name no document', () => {
  const query = plainQuery('what were sales?', { passages: 9, averageLength: 9, frequencies: new Map() })
  const { ranked } = rank(query, passages({ document: 'other' }, { document: 'sales' }))
  assert.deepEqual(
    ranked.map(({ features }) => features.named),
    [0, 0],
  )
})

test('a name that all documents have tells nothing apart from one that few have', () => {
  const query = plainQuery('Acme Rockets sales?', { passages: 9, averageLength: 9, frequencies: new Map() })
  const places = ['Acme Rockets', 'Acme Skates', 'Acme Paint'].map((title) => ({ document: title, title }))
  const { ranked } = rank(query, passages(...places))
  const [first, second] = ranked.map(({ features }) => features.named)
  assert.equal(first, 1)
  assert.ok((second ?? 1) < 0.2)
})

test('the headings that the question says to look under come first', () => {
  const found = best(
    'What were the sales? Answer from the income statement.',
    { document: 'a', headings: ['Risks'] },
    { document: 'a', headings: ['Consolidated Statement of Income'] },
  )
  assert.deepEqual(found?.headings, ['Consolidated Statement of Income'])
})

test('a place that is called otherwise is found under its other name', () => {
  const found = best(
    'What were the sales? Answer from the P&L.',
    { document: 'a', headings: ['Risks'] },
    { document: 'a', headings: ['Consolidated Statement of Operations'] },
  )
  assert.deepEqual(found?.headings, ['Consolidated Statement of Operations'])
})
