import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { SimilarWords, slipsBetween } from './similar-words.ts'

function vocabulary(...words: string[]): SimilarWords {
  const made = new SimilarWords()
  for (const word of words) made.add(word)
  return made
}

describe('similar words', () => {
  it('are those with the fewest slips, most pairs in common first, at most three', () => {
    const words = vocabulary('barrier', 'carrier', 'barriers', 'terrier', 'thread', 'threat', 'threads', 'tread')
    assert.deepEqual(words.find('barier'), ['barrier'])
    assert.deepEqual(words.find('threaf'), ['thread', 'threat'])
    assert.deepEqual(words.find('hread'), ['thread', 'tread'])
    assert.equal(vocabulary('aaab', 'aaac', 'aaad', 'aaae').find('aaaa').length, 3)
  })

  it('forgive one slip in short words and two in long ones', () => {
    const words = vocabulary('mutex', 'semaphore')
    assert.deepEqual(words.find('mtuex'), ['mutex'])
    assert.deepEqual(words.find('mtuxe'), [])
    assert.deepEqual(words.find('semaphroee'), ['semaphore'])
  })

  it('are never words that are gone, nor the word itself', () => {
    const words = vocabulary('thread', 'threat')
    assert.deepEqual(
      words.find('threa', (word) => word !== 'thread'),
      ['threat'],
    )
    assert.deepEqual(words.find('thread'), ['threat'])
  })

  it('know a word once', () => {
    const words = vocabulary('mutex', 'mutex')
    assert.equal(words.size, 1)
    assert.deepEqual(words.find('mutx'), ['mutex'])
  })

  it('are found in any vocabulary as if every word were compared', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), minLength: 3, maxLength: 9 })
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), word, (all, asked) => {
        const found = vocabulary(...all).find(asked)
        const most = asked.length >= 7 ? 2 : 1
        const pairs = (text: string) =>
          new Set(Array.from(`^${text}$`, (_, at) => `^${text}$`.slice(at, at + 2)).slice(0, -1))
        const close = [...new Set(all)].filter((each) => {
          const [a, b] = [pairs(asked), pairs(each)]
          const shared = [...a].filter((pair) => b.has(pair)).length
          return each !== asked && slipsBetween(asked, each, most) <= most && shared / (a.size + b.size - shared) >= 0.3
        })
        const fewest = Math.min(...close.map((each) => slipsBetween(asked, each, most)))
        const best = close.filter((each) => slipsBetween(asked, each, most) === fewest)
        assert.equal(found.length, Math.min(3, best.length))
        assert.ok(found.every((each) => best.includes(each)))
      }),
    )
  })
})

describe('slips between two words', () => {
  it('count letters missing, added, wrong and exchanged', () => {
    const cases: [string, string, number][] = [
      ['cat', 'cat', 0],
      ['cat', 'cut', 1],
      ['cat', 'cats', 1],
      ['cat', 'at', 1],
      ['cat', 'act', 1],
      ['cat', 'dog', 3],
      ['ca', 'abc', 3],
    ]
    for (const [left, right, slips] of cases) assert.equal(slipsBetween(left, right, 5), slips, `${left} ${right}`)
  })

  it('stop counting above the limit', () => {
    assert.equal(slipsBetween('abcdef', 'uvwxyz', 2), 3)
    assert.equal(slipsBetween('a', 'abcdef', 2), 3)
  })
})
