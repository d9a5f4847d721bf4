// A citation names the page and the headings of its own sentence, also where its passage goes over several.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Citation } from '../../src/core/question.ts'
import { lines, pdf } from '../documents/make-pdf.ts'
import { ModelServer } from '../servers/model-server.ts'
import { asked, openLibrary, travel } from './library.ts'

const quoting = (citations: readonly Citation[], words: RegExp): Citation => {
  const citation = citations.find(({ quote }) => words.test(quote))
  assert.ok(citation, JSON.stringify(citations))
  return citation
}

describe('A citation from a passage over several sections or pages', { timeout: 120_000 }, () => {
  test('has the headings of its own sentence', async () => {
    await using factory = await openLibrary([travel])
    const { events, end } = await asked(factory, 'How many days ahead are flights booked?')
    assert.deepEqual(quoting(end.citations, /14 days/).headings, ['Travel policy', 'Booking'])
    const found = events.flatMap((event) => (event.type === 'passages-found' ? event.passages : []))
    const [passage] = found.map((each) => each.passage)
    assert.deepEqual(passage?.headings, ['Travel policy'])
    const second = await asked(factory, 'Who approves travel over 2,500 euros?')
    assert.deepEqual(quoting(second.end.citations, /finance director/).headings, ['Travel policy', 'Approval'])
  })

  test('has the page of its own sentence', async () => {
    const bytes = await pdf([
      lines(['The lighthouse was built of granite in 1871.'], 72, 80),
      lines(['The keeper of the harbour paints the boats every spring.'], 72, 80),
    ])
    await using factory = await openLibrary([{ name: 'coast.pdf', bytes }])
    const { events, end } = await asked(factory, 'Who paints the boats every spring?')
    assert.equal(quoting(end.citations, /paints the boats/).page, 2)
    const found = events.flatMap((event) => (event.type === 'passages-found' ? event.passages : []))
    assert.deepEqual([found[0]?.passage.page, found[0]?.passage.pageEnd], [1, 2])
    const second = await asked(factory, 'What was the lighthouse built of?')
    assert.equal(quoting(second.end.citations, /granite/).page, 1)
  })

  test('has them when a model writes', async () => {
    await using server = await ModelServer.start({ chat: () => 'Flights are booked at least 14 days ahead [1].' })
    await using factory = await openLibrary([travel], { models: { baseUrl: server.baseUrl, model: 'scripted' } })
    const { events, end } = await asked(factory, 'How many days ahead are flights booked?')
    assert.equal(end.mode, 'generated')
    assert.deepEqual(quoting(end.citations, /14 days/).headings, ['Travel policy', 'Booking'])
    assert.ok(events.every((event) => !('places' in event)))
  })
})
