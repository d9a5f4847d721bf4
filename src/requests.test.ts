// What a program in plain JavaScript hands over is looked at before it is used.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Question } from './core/question.ts'
import { mustBe } from './requests.ts'

const turn = { role: 'assistant', text: 'An answer', at: 0 } as const

test('a history with the place that was cited first is taken', () => {
  const citedFirst = { documentId: 'doc_1', passageId: 'doc_1.1.0', start: 0, end: 9 }
  mustBe.question({ text: 'And the next one?', history: [{ ...turn, citedFirst, cited: ['doc_1.1.0'] }] })
})

for (const [what, more] of Object.entries({
  'a place without its passage': { citedFirst: { documentId: 'doc_1', start: 0, end: 9 } },
  'a place that is no number': { citedFirst: { documentId: 'doc_1', passageId: 'p', start: 'x', end: 9 } },
  'cited passages that are no list': { cited: 'doc_1.1.0' },
}))
  test(`a history with ${what} is refused by the name of its field`, () => {
    const question: unknown = { text: 'And the next one?', history: [{ ...turn, ...more }] }
    assert.throws(() => mustBe.question(question as Question), { code: 'invalid', message: /history/ })
  })
