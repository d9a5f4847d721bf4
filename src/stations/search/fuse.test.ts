import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { fuse } from './fuse.ts'

const order = (rows: { rowId: number }[]) => rows.map(({ rowId }) => rowId)
const hits = (...scores: [rowId: number, score: number][]) => scores.map(([rowId, score]) => ({ rowId, score }))

test('without vectors the words decide alone, with their own scores', () => {
  const words = hits([1, 12], [2, 3])
  assert.deepEqual(fuse(words, [], 10), [
    { rowId: 1, score: 12, keyword: 12 },
    { rowId: 2, score: 3, keyword: 3 },
  ])
})

test('without words the vectors decide alone', () => {
  assert.deepEqual(order(fuse([], hits([5, 0.9], [6, 0.2]), 10)), [5, 6])
})

test('a row that both lists hold comes before rows of one list', () => {
  assert.deepEqual(order(fuse(hits([1, 10], [2, 9]), hits([3, 0.8], [2, 0.79], [4, 0.1]), 10))[0], 2)
})

test('the best row by words stays before all rows that only the vectors found', () => {
  const words = hits([1, 10], [2, 2])
  assert.deepEqual(order(fuse(words, hits([9, 0.99], [8, 0.9], [7, 0.1]), 4))[0], 1)
})

test('where cosines lie does not matter, only how they differ', () => {
  const words = hits([1, 10], [2, 8], [3, 6])
  const wide = hits([3, 0.7], [2, 0.3], [4, -0.1])
  const narrow = wide.map(({ rowId, score }) => ({ rowId, score: 0.75 + score / 10 }))
  assert.deepEqual(order(fuse(words, wide, 4)), order(fuse(words, narrow, 4)))
})

test('a clear difference in meaning outweighs a small one in words', () => {
  assert.equal(order(fuse(hits([1, 10], [2, 7]), hits([2, 0.9], [1, 0.3]), 2))[0], 2)
})

test('vectors that are all equally near count alike', () => {
  assert.deepEqual(order(fuse(hits([2, 1]), hits([1, 0.5], [2, 0.5]), 2)), [2, 1])
})

test('any lists: each row once, best first, no more than asked for', () => {
  const list = (most: number) =>
    fc
      .uniqueArray(fc.record({ rowId: fc.nat(30), score: fc.double({ min: 0.01, max: most, noNaN: true }) }), {
        selector: (hit) => hit.rowId,
        maxLength: 20,
      })
      .map((found) => found.sort((left, right) => right.score - left.score))
  fc.assert(
    fc.property(list(40), list(1), fc.integer({ min: 1, max: 30 }), (words, vectors, k) => {
      const rows = fuse(words, vectors, k)
      const all = new Set([...order(words), ...order(vectors)])
      assert.equal(rows.length, Math.min(k, all.size))
      assert.equal(new Set(order(rows)).size, rows.length)
      assert.ok(rows.every((row, at) => at === 0 || row.score <= (rows[at - 1]?.score ?? 0)))
    }),
  )
})
