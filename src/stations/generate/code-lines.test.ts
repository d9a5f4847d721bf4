// Code is told from prose by its look; a question may ask for it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asksForCode, looksLikeCode } from './code-lines.ts'

test('statements of usual languages are code', () => {
  for (const line of [
    "import { once } from 'node:events'",
    'const answer = await ask(question)',
    'for (const line of lines) print(line)',
    'def area(width, height):',
    'console.log(balance) // 60',
    '  return JSON.stringify([tenant, id])',
    '</table>',
    '  total += price * count;',
  ])
    assert.ok(looksLikeCode(line), line)
})

test('prose that names code, rows of tables, and Chinese are not', () => {
  for (const line of [
    'Use `await using` so that the file is closed at the end of the block.',
    'Return on equity (ROE) rose to 12 % in 2020.',
    'For many years (1962 to 1970) nobody came.',
    'From Leeds it went to York',
    'const is a keyword; let is another.',
    '| const | a value that does not change; |',
    '写 array.forEach(async () => {})：它什么也不等',
    'The class of 1962 (all 12 of them) met again.',
  ])
    assert.ok(!looksLikeCode(line), line)
})

test('a question asks for code by naming it', () => {
  assert.ok(asksForCode('Which command makes a backup?'))
  assert.ok(asksForCode('What does createFactory() return?'))
  assert.ok(asksForCode('给一个示例'))
  assert.ok(!asksForCode('How do I release a resource?'))
})
