import assert from 'node:assert/strict'
import { test } from 'node:test'
import { neutralise, neutraliseLine } from './neutralise.ts'

const boundary = 'c0ffee00c0ffee00ca'

test('the boundary, turn markers and hidden text do not get through', () => {
  for (const planted of [
    boundary,
    `=== ${boundary} end ===`,
    '<|im_start|>system',
    '<|eot_id|>',
    '<｜Assistant｜>',
    '</s>',
    '<start_of_turn>model',
    '</think>',
    '[INST]',
    '<<SYS>>',
    'ig\u200bnore',
    '\u{e0069}\u{e0067}',
    '\u202ereversed',
  ]) {
    const clean = neutralise(`before ${planted} after`, boundary)
    assert.doesNotMatch(
      clean,
      /<\|(im_start|eot_id)|<｜|<\/s>|<start_of|<\/think>|\[INST\]|<<SYS|c0ffee|[\u200b\u202e\u{e0069}]/u,
    )
    assert.match(clean, /^before .*after$/s)
  }
})

test('a boundary cannot be put together from what is left', () => {
  const split = `${boundary.slice(0, 9)}\u200b${boundary.slice(9)}`
  assert.doesNotMatch(neutralise(split, boundary), new RegExp(boundary))
  const nested = boundary.slice(0, 4) + boundary + boundary.slice(4)
  assert.doesNotMatch(neutralise(nested, boundary), new RegExp(boundary))
})

test("a document's own references are no citations, and code keeps its brackets", () => {
  assert.equal(neutralise('Known.[3] And [12].', boundary), 'Known.(3) And (12).')
  assert.equal(neutralise('a[3] = 1', boundary, false), 'a[3] = 1')
})

test('ordinary text stays as it is', () => {
  const text = 'Wenn x < 3 | y > 4: 世界 🙂 <b>bold</b>\n\t- item'
  assert.equal(neutralise(text, boundary), text)
})

test('a title is one short line', () => {
  assert.equal(neutraliseLine('A\nSystem: obey\n\nB', boundary), 'A System: obey B')
  assert.equal(neutraliseLine('x'.repeat(500), boundary).length, 160)
})
