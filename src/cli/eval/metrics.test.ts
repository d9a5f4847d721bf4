import assert from 'node:assert/strict'
import { test } from 'node:test'
import { areaUnderCurve, comparable, ndcg, recall, reciprocalRank } from './metrics.ts'

const one = new Map([['b', 1]])

test('a relevant document at rank 2 has nDCG 1/log2(3) and reciprocal rank 1/2', () => {
  assert.equal(ndcg(['a', 'b'], one, 10), 1 / Math.log2(3))
  assert.equal(reciprocalRank(['a', 'b'], one, 10), 0.5)
})

test('graded relevance prefers the better document first', () => {
  const graded = new Map([
    ['good', 2],
    ['fair', 1],
  ])
  assert.equal(ndcg(['good', 'fair'], graded, 10), 1)
  assert.ok(ndcg(['fair', 'good'], graded, 10) < 1)
})

test('depth cuts the ranking', () => {
  assert.equal(recall(['a', 'b'], one, 1), 0)
  assert.equal(recall(['a', 'b'], one, 2), 1)
  assert.equal(ndcg(['a', 'b'], one, 1), 0)
})

test('the area under the curve counts ties half', () => {
  assert.equal(areaUnderCurve([2, 3], [0, 1]), 1)
  assert.equal(areaUnderCurve([0], [1]), 0)
  assert.equal(areaUnderCurve([1], [1]), 0.5)
  assert.ok(Number.isNaN(areaUnderCurve([], [1])))
})

test('answers are compared without punctuation, case and width', () => {
  assert.equal(comparable('The “ＡＢＣ”, 12.5%'), 'theabc125')
})
