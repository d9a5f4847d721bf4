// What could be asked next: from sections beside the cited ones, found again by its own words, and never asked before.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnswerEvent } from '../../src/core/question.ts'
import { asked, leave, openLibrary, travel } from './library.ts'

const suggested = (events: readonly AnswerEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'suggestions' ? event.questions : []))

/** Time enough on any machine. */
const patient = { answers: { suggestMs: 10_000 } }

const pad = (words: string): string => `${words} `.repeat(40)
const office = {
  name: 'office.md',
  text: `# Office guide\n\n## Parking spaces\n\nParking spaces are given out by the reception. ${pad('Parking is behind the building.')}\n\n## Visitor badges\n\nVisitor badges are worn by every guest. ${pad('Badges are returned in the evening.')}\n\n## Meeting rooms\n\nMeeting rooms are booked for two hours at most. ${pad('Rooms are cleaned daily.')}\n`,
}

test('come before the end, are answered by the documents, and are not asked again', async () => {
  await using factory = await openLibrary([office, travel, leave], patient)
  const first = await asked(factory, { text: 'Who gives out parking spaces?', sessionId: 's' })
  const questions = suggested(first.events)
  assert.deepEqual(questions, [
    'What does “Office guide” say about “Visitor badges”?',
    'What does “Office guide” say about “Meeting rooms”?',
  ])
  assert.deepEqual(
    first.events.slice(-2).map(({ type }) => type),
    ['suggestions', 'answer-end'],
  )
  const second = await asked(factory, { text: questions[0] ?? '', sessionId: 's' })
  assert.match(second.end.citations[0]?.quote ?? '', /badges/i)
  assert.ok(!suggested(second.events).some((question) => /badges|parking/i.test(question)))
})

test('are none in a language that they could not be asked in, and none where nothing is near', async () => {
  await using factory = await openLibrary([office, travel], patient)
  for (const text of ['停车位由谁分配？', 'Wer vergibt die Parkplätze?', 'zxqv wvutk?'])
    assert.deepEqual(suggested((await asked(factory, text)).events), [], text)
})

test('are left out when little time is left, and that is told', async () => {
  await using factory = await openLibrary([office], patient)
  const { end, events } = await asked(factory, { text: 'Who gives out parking spaces?', budgetMs: 49_000 })
  assert.deepEqual(suggested(events), [])
  assert.deepEqual(end.skipped, ['suggest'])
})

test('are none where no time is given for them', async () => {
  await using factory = await openLibrary([office], { answers: { suggestMs: 0 } })
  const { end, events } = await asked(factory, 'Who gives out parking spaces?')
  assert.deepEqual([suggested(events), end.skipped ?? []], [[], []])
})
