import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isRepairable, letterPairs, nearest, slipsBetween } from './typos.ts'

test('one slip is one letter missing, added, wrong, or two exchanged', () => {
  for (const wrong of ['engne', 'enginee', 'enginx', 'enigne']) assert.equal(slipsBetween('engine', wrong, 2), 1, wrong)
  assert.equal(slipsBetween('engine', 'engine', 2), 0)
  assert.equal(slipsBetween('engine', 'enigen', 2), 2)
  assert.equal(slipsBetween('engine', 'database', 2), 3)
})

test('the nearest words of the vocabulary come first', () => {
  const vocabulary = ['engin', 'enzym', 'retriev', 'retrieval', 'databas', 'databank', 'te', '3.5', '数据库']
  assert.deepEqual(nearest('retreival', vocabulary), ['retrieval'])
  assert.deepEqual(nearest('engnn', vocabulary), ['engin'])
  assert.deepEqual(nearest('databsa', vocabulary), ['databas'])
  assert.deepEqual(nearest('wholly', vocabulary), [])
})

test('short words forgive one slip, words of seven letters two', () => {
  assert.deepEqual(nearest('abcdxy', ['abcdef']), [])
  assert.deepEqual(nearest('abcdexy', ['abcdefg']), ['abcdefg'])
})

test('at most three words are returned, those with most letters in common first', () => {
  const found = nearest('cart', ['carts', 'carte', 'care', 'card', 'cars', 'dart'])
  assert.equal(found.length, 3)
  assert.deepEqual(found, nearest('cart', ['dart', 'cars', 'card', 'care', 'carte', 'carts']))
})

test('numbers, Chinese and very short or long words are left as they are', () => {
  for (const term of ['abc', '2024', '数据库', 'naïve', 'x'.repeat(41)]) assert.equal(isRepairable(term), false, term)
  assert.equal(isRepairable('word'), true)
})

test('letter pairs mark the beginning and the end', () => {
  assert.deepEqual(letterPairs('cat'), ['^c', 'ca', 'at', 't$'])
})

test('any two words: the number of slips is symmetric, and stopping early changes nothing below the limit', () => {
  const word = fc.string({ unit: fc.constantFrom(...'abcd'), maxLength: 9 })
  fc.assert(
    fc.property(word, word, (left, right) => {
      const exact = slipsBetween(left, right, 20)
      assert.equal(slipsBetween(right, left, 20), exact)
      for (const most of [1, 2, 3]) assert.equal(slipsBetween(left, right, most), Math.min(exact, most + 1))
    }),
  )
})
