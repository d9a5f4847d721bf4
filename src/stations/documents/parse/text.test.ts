import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBytes, shown } from '../../../../test/documents/parse-bytes.ts'
import { parseText } from './text.ts'

test('paragraphs stand between blank lines and keep their lines', () => {
  assert.deepEqual(shown(parseText('One line\nand another.\n\n\nNext.\n')), [
    'paragraph: One line\nand another.',
    'paragraph: Next.',
  ])
})

test('headings are found only where they are plain to see', () => {
  assert.deepEqual(
    shown(
      parseText(
        'Harbour rules\n=============\n\nCHAPTER ONE\n\n2.1 Fees for boats\n\nThis is a sentence.\n\nA short line without an end\n\n1. Buy milk and bread on the way home today\n\n第三章 港口\n港口早上开门。\n\n一、费用\n\n早上好。',
      ),
    ),
    [
      'heading1: Harbour rules',
      'heading1: CHAPTER ONE',
      'heading3: 2.1 Fees for boats',
      'paragraph: This is a sentence.',
      'paragraph: A short line without an end',
      'paragraph: 1. Buy milk and bread on the way home today',
      'heading1: 第三章 港口',
      'paragraph: 港口早上开门。',
      'heading2: 一、费用',
      'paragraph: 早上好。',
    ],
  )
})

test('lists have one line per item, tables keep their rows', () => {
  assert.deepEqual(shown(parseText('- a rope that\n  is long\n- an anchor\n\nboat\tfee\nsmall\t10')), [
    'list: - a rope that is long\n- an anchor',
    'table: boat\tfee\nsmall\t10',
  ])
})

test('text without blank lines and with long lines has a paragraph per line', () => {
  const line =
    '港口早上六点开门，晚上十点关门，船只按长度付费，费用每月结算一次，逾期需要另外支付滞纳金，具体数额见附表所列各项说明，如有疑问请联系管理处。'
  assert.equal(parseText(Array.from({ length: 10 }, () => line).join('\n')).blocks.length, 10)
})

test('NUL bytes, carriage returns and half characters do not come through', async () => {
  const whole = await parseBytes('a.txt', `${'words '.repeat(400)}\r\nnext\0line\u00A0here\r\n\r\nend \uD800`)
  assert.doesNotMatch(whole.text, /[\0\r\u00A0\uD800]/)
  assert.ok(whole.text.isWellFormed())
})

test('characters that could not be read are told', async () => {
  const whole = await parseBytes(
    'a.txt',
    Buffer.concat([Buffer.from('早上好，港口开门。\n'.repeat(5)), Buffer.from([0xe4]), Buffer.from('尾')]),
  )
  assert.match(whole.warnings.join(), /1 character could not be read as utf-8/)
})

test('a line of fifty million characters is refused over the limit and read under it', async () => {
  const line = 'word '.repeat(10_000_000)
  await assert.rejects(parseBytes('line.txt', line), { code: 'too-large', message: /more than 20000000 characters/ })
  const whole = await parseBytes('line.txt', line, { options: { maxCharacters: 60_000_000 } }).catch(
    (error: unknown) => error,
  )
  // The station's limit is raised; what is put together keeps its own.
  assert.match(String(whole), /too-large/)
})
