// Scores of texts by words, with no index behind them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scoresOf } from './texts.ts'

test('scores are from 0 to 1 in the order of the texts, and rare words count for more', () => {
  const texts = ['The lock is the lock.', 'A mutex admits one thread.', 'A thread is a thread.', 'Nothing here.']
  const scores = scoresOf({ query: 'Which threads does a mutex admit?', texts })
  assert.equal(scores[1], 1)
  assert.ok((scores[2] ?? 0) > 0 && (scores[2] ?? 0) < 1)
  assert.deepEqual([scores[0], scores[3]], [0, 0])
})

test('no texts, empty texts and a query of stop words are no error', () => {
  assert.deepEqual(scoresOf({ query: 'a', texts: [] }), [])
  assert.deepEqual(scoresOf({ query: 'lock', texts: ['', ' '] }), [0, 0])
  assert.equal(scoresOf({ query: 'what is it?', texts: ['It is what it is.', 'lock'] })[1], 0)
})
