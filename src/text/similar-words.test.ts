import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SimilarWords, slipsBetween } from './similar-words.ts'

function nearest(word: string, vocabulary: string[]): string[] {
  const words = new SimilarWords()
  for (const known of vocabulary) words.add(known)
  return words.find(word)
}

test('one slip is one letter missing, added, wrong, or two exchanged', () => {
  for (const wrong of ['engne', 'enginee', 'enginx', 'enigne']) assert.equal(slipsBetween('engine', wrong, 2), 1, wrong)
  assert.equal(slipsBetween('engine', 'engine', 2), 0)
  assert.equal(slipsBetween('engine', 'enigen', 2), 2)
  assert.equal(slipsBetween('engine', 'database', 2), 3)
})

test('only the words with the fewest slips are found', () => {
  const vocabulary = ['engin', 'enzym', 'retriev', 'retrieval', 'databas', 'databank', '数据库']
  assert.deepEqual(nearest('retreival', vocabulary), ['retrieval'])
  assert.deepEqual(nearest('engnn', vocabulary), ['engin'])
  assert.deepEqual(nearest('databsa', vocabulary), ['databas'])
  assert.deepEqual(nearest('wholly', vocabulary), [])
})

test('short words forgive one slip, words of seven letters two', () => {
  assert.deepEqual(nearest('abcdxy', ['abcdef']), [])
  assert.deepEqual(nearest('abcdexy', ['abcdefg']), ['abcdefg'])
})

test('at most three are found, in an order that does not depend on when they were added', () => {
  const words = ['carts', 'carte', 'care', 'card', 'cars', 'dart']
  const found = nearest('cart', words)
  assert.equal(found.length, 3)
  assert.deepEqual(found, nearest('cart', words.toReversed()))
})

test('words that are gone are passed over, and the next ones found instead', () => {
  const words = new SimilarWords()
  for (const word of ['bridges', 'bridged', 'fridges']) words.add(word)
  assert.deepEqual(
    words.find('bridgex', (word) => word !== 'bridges'),
    ['bridged'],
  )
  assert.equal(words.size, 3)
})

test('a vocabulary of thousands gives the same as a small one', () => {
  const words = new SimilarWords()
  for (let number = 0; number < 5_000; number++) words.add(`w${number.toString(36)}q`)
  words.add('retrieval')
  assert.deepEqual(words.find('retreival'), ['retrieval'])
  assert.deepEqual(words.find('retreival'), ['retrieval'])
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
