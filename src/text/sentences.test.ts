import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { splitSentences } from './sentences.ts'
import { estimateTokens } from './tokens.ts'

const sentences = (text: string, maxLength?: number) =>
  splitSentences(text, maxLength === undefined ? {} : { maxLength }).map(({ start, end }) => text.slice(start, end))

test('English sentences end at a mark before a capital', () => {
  assert.deepEqual(sentences('It rained. We left! Why? "Because." He stayed.'), [
    'It rained.',
    'We left!',
    'Why?',
    '"Because."',
    'He stayed.',
  ])
})

test('abbreviations, initials, versions and numbers end no sentence', () => {
  for (const whole of [
    'Dr. Smith met J. R. Ewing.',
    'It cost 3.5 million vs. 4.2 before.',
    'Node v24.1 runs on the U.S. servers.',
    'See fig. 3 for more.',
    '1. Open the door.',
  ]) {
    assert.deepEqual(sentences(whole), [whole])
  }
})

test('Chinese sentences end at full-width marks, with what closes them', () => {
  assert.deepEqual(sentences('他说：“走吧。”我们走了！真的吗？是的；当然。'), [
    '他说：“走吧。”',
    '我们走了！',
    '真的吗？',
    '是的；当然。',
  ])
})

test('lines are sentences, except where prose is wrapped', () => {
  assert.deepEqual(sentences('- one item\n- another item\nname | value'), [
    '- one item',
    '- another item',
    'name | value',
  ])
  assert.equal(sentences('This line is wrapped by an editor that likes\nshort lines.').length, 1)
})

test('a long sentence is cut at a semicolon, else a comma, else a space', () => {
  assert.deepEqual(sentences('甲乙丙丁戊己；庚辛壬癸子丑，寅卯', 10), ['甲乙丙丁戊己；', '庚辛壬癸子丑，寅卯'])
  assert.deepEqual(
    sentences('alpha beta gamma delta', 12),
    ['alpha beta', 'gamma delta'].map((text, index) => (index === 0 ? `${text} ` : text)),
  )
})

test('any text: spans are in order, not too long, cut no character, and hold everything but white space', () => {
  const unit = fc.oneof(fc.constantFrom(...Array.from('aB.。!？… \n;，"”(1')), fc.constantFrom('中', '𠮷', '😀'))
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 120 }), (text) => {
      let until = 0
      let held = ''
      for (const { start, end } of splitSentences(text, { maxLength: 20 })) {
        assert.ok(start >= until && end > start && end - start <= 20)
        assert.ok(text.slice(start, end).isWellFormed())
        until = end
        held += text.slice(start, end)
      }
      assert.equal(held.replace(/\s/g, ''), text.replace(/\s/g, ''))
    }),
  )
})

test('tokens are estimated by script', () => {
  assert.equal(estimateTokens(''), 0)
  assert.equal(estimateTokens('four'), 1)
  assert.equal(estimateTokens('a sentence of some words'), 6)
  assert.equal(estimateTokens('中文字符'), 4)
  assert.equal(estimateTokens('Привет'), 3)
})
