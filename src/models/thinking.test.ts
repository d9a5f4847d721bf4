import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ThinkingFilter } from './thinking.ts'
import type { Piece } from './thinking.ts'

function split(text: string, size: number): { text: string; reasoning: string } {
  const filter = new ThinkingFilter()
  const pieces: Piece[] = []
  for (let at = 0; at < text.length; at += size) pieces.push(...filter.push(text.slice(at, at + size)))
  pieces.push(...filter.end())
  const of = (kind: string): string =>
    pieces
      .filter((piece) => piece.kind === kind)
      .map((piece) => piece.text)
      .join('')
  return { text: of('text'), reasoning: of('reasoning') }
}

test('thoughts at the beginning are told from the answer, however the tags are cut', () => {
  for (const size of [1, 2, 3, 7, 100])
    assert.deepEqual(split('\n<think>\nIs 3 < 4? </b>\n</think>\n\nYes, <b>3</b>.', size), {
      text: 'Yes, <b>3</b>.',
      reasoning: '\nIs 3 < 4? </b>\n',
    })
})

test('a tag in the middle of an answer is text', () => {
  for (const size of [1, 5]) assert.equal(split('Write <think>x</think>.', size).text, 'Write <think>x</think>.')
})

test('an answer that begins like a tag loses nothing', () => {
  for (const size of [1, 5]) assert.equal(split('<thi', size).text, '<thi')
  assert.equal(split('<table>', 1).text, '<table>')
})

test('thoughts that never end are no answer', () => {
  assert.deepEqual(split('<think>hm', 2), { text: '', reasoning: 'hm' })
})
