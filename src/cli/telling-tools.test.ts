// The lines about tools and figures that a terminal shows beside an answer.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { figureLine, toolLine } from './telling-tools.ts'

const result = { type: 'tool-result', id: 'c', name: 'calculator', ok: true, ms: 3 } as const

test('a call is one line: what went in, what came out', () => {
  const value = { value: '12', unit: '%', exact: true, steps: ['134400 ÷ 120000 − 1 = 12 %'] }
  assert.equal(
    toolLine({ expression: 'change(120000, 134400)' }, { ...result, value }),
    '(calculator: change(120000, 134400) → 12 %)',
  )
  assert.equal(toolLine(undefined, { ...result, name: 'shop-count', value: 7 }), '(shop-count → 7)')
  const given = { from: 'a', to: 'b' }
  assert.equal(toolLine(given, { ...result, name: 'way', value: ['x'] }), '(way: {"from":"a","to":"b"} → ["x"])')
})

test('a call that failed says why, and what is long is cut and kept on one line', () => {
  const error = { kind: 'failed', message: 'The expression ends where\na number should be.' }
  const failed = toolLine({ expression: '5 +' }, { ...result, ok: false, error })
  assert.equal(failed, '(calculator: 5 + → failed: The expression ends where a number should be.)')
  const long = toolLine({ text: 'many words '.repeat(100) }, { ...result, value: 'x' })
  assert.ok(long.length < 140 && long.includes('…'), long)
})

test('a figure that differs is told with its sum in the language of the question; any other is not told', () => {
  const figure = { start: 0, end: 4, said: '15 %', outcome: 'differs', computed: '12 %' } as const
  const [english, chinese] = ['How much more?', '增长了多少？']
  const sum = '134,400 ÷ 120,000 − 1 = 12 %'
  assert.equal(figureLine({ ...figure, sum }, english), `It says 15 %, but ${sum}.`)
  assert.equal(figureLine({ ...figure, sum: '3 × 4 %' }, english), 'It says 15 %, but 3 × 4 % = 12 %.')
  assert.equal(figureLine(figure, english), 'It says 15 %, but it is 12 %.')
  assert.equal(figureLine({ ...figure, sum }, chinese), `回答写的是 15 %，但 ${sum}。`)
  assert.equal(figureLine(figure, chinese), '回答写的是 15 %，按原文计算为 12 %。')
  assert.equal(figureLine({ ...figure, outcome: 'agrees' }, english), undefined)
})
