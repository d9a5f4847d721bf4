import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { blockHashes, chainStart } from './block-hashes.ts'
import { detokenise, pieces, tokenise } from './tokens.ts'

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.string({
    unit: fc.constantFrom(' ', '\n', '\t', 'a', 'Zz', '9', 'é', 'ж', '世', '。', '👋', '<|im_end|>'),
    maxLength: 80,
  }),
)

test('pieces put together are the text, and numbers tell it again', () => {
  fc.assert(
    fc.property(text, (text) => {
      assert.equal(pieces(text).join(''), text)
      assert.equal(detokenise(tokenise(text)), text)
      assert.ok(tokenise(text).every((token) => Number.isSafeInteger(token)))
    }),
    { numRuns: 300, seed: 1 },
  )
})

test('English comes to about four characters a token, Chinese to one', () => {
  const english = 'The finance director approves every journey that costs more than two thousand pounds. '.repeat(10)
  const each = english.length / pieces(english).length
  assert.ok(each > 3 && each < 6, `${each} characters a token`)
  assert.equal(pieces('财务总监批准').length, 6)
})

test('numbers that no piece has are read as something, not thrown over', () => {
  assert.equal(detokenise([0, 1]), '')
  assert.equal(detokenise([256 + 0xff]), '\ufffd')
})

test('block hashes are equal for equal beginnings, models and salts, and for nothing else', () => {
  const tokens = Array.from({ length: 100 }, (_, at) => at)
  const hashes = blockHashes(tokens, 16, chainStart('model', 'salt'))
  assert.equal(hashes.length, 6)
  const longer = blockHashes([...tokens, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13], 16, chainStart('model', 'salt'))
  assert.deepEqual(longer.slice(0, 6), hashes)
  const changed = blockHashes(tokens.with(40, 7), 16, chainStart('model', 'salt'))
  assert.deepEqual(
    changed.map((hash, at) => hash === hashes[at]),
    [true, true, false, false, false, false],
  )
  assert.notEqual(blockHashes(tokens, 16, chainStart('model', 'other'))[0], hashes[0])
  assert.notEqual(blockHashes(tokens, 16, chainStart('models', 'alt'))[0], hashes[0])
})

test('a hundred thousand blocks have a hundred thousand hashes', () => {
  const tokens = Array.from({ length: 100_000 }, (_, at) => at % 7)
  assert.equal(new Set(blockHashes(tokens, 1, chainStart('model', ''))).size, 100_000)
})
