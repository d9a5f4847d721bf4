import assert from 'node:assert/strict'
import { test } from 'node:test'
import iconv from 'iconv-lite'
import { parseBytes, shown } from '../../../../test/documents/parse-bytes.ts'
import { delimiterOf } from './csv.ts'

test('rows are lines, the first one the header, quotes and line breaks undone', async () => {
  const whole = await parseBytes('fees.csv', 'Boat,Fee,Note\r\n"small, old",10,"says\n""hello"""\r\nlarge,20,\r\n')
  assert.deepEqual(shown(whole), ['table: | Boat | Fee | Note |\n| small, old | 10 | says "hello" |\n| large | 20 |'])
  assert.equal(whole.blocks[0]?.headerLines, 1)
})

test('the separator is told from the text', () => {
  assert.equal(delimiterOf('a;b;c\n1,5;2;3\n2,5;3;4', 'csv'), ';')
  assert.equal(delimiterOf('a\tb\n1\t2', 'csv'), '\t')
  assert.equal(delimiterOf('a|b\n1|2', 'txt'), '|')
  assert.equal(delimiterOf('name,"a;b;c;d"\nx,"e;f;g;h"', 'csv'), ',')
  assert.equal(delimiterOf('one column\nof words', 'csv'), ',')
})

test('formulas stay text', async () => {
  const whole = await parseBytes('x.csv', 'Name,Value\na,"=HYPERLINK(""http://example.org"")"\nb,+1+2\nc,@SUM(A1)\n')
  assert.match(whole.text, /=HYPERLINK\("http:\/\/example\.org"\)/)
  assert.match(whole.text, /\+1\+2/)
  assert.match(whole.text, /@SUM\(A1\)/)
})

test('a table without names of columns has no header', async () => {
  const whole = await parseBytes('x.csv', '1,2\n3,4\n')
  assert.deepEqual(
    whole.blocks.map((block) => block.headerLines),
    [undefined],
  )
})

test('Chinese in GBK is read, rows of different length are kept', async () => {
  const whole = await parseBytes('费用.csv', iconv.encode('船只,费用,说明\n小船,10\n大船,20,按长度付费,另计\n', 'gbk'))
  assert.deepEqual(shown(whole), ['table: | 船只 | 费用 | 说明 |\n| 小船 | 10 |\n| 大船 | 20 | 按长度付费 | 另计 |'])
})

test('a quote that is never closed is told with its line', async () => {
  await assert.rejects(parseBytes('x.csv', `a,b\n1,2\n"open,${'long text without an end '.repeat(60_000)}`), {
    code: 'invalid',
    message: /x\.csv is no whole table: near line \d+/,
  })
})
