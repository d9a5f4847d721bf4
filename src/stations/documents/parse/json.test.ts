import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBytes, shown } from '../../../../test/documents/parse-bytes.ts'

test('an object is lines of path and value, grouped by its entries', async () => {
  const whole = await parseBytes(
    'harbour.json',
    JSON.stringify({
      title: 'Harbour',
      open: true,
      fees: [
        { boat: 'small', fee: 10 },
        { boat: 'large', fee: 20, extra: { per: ['day', 'night'] } },
      ],
      place: { city: 'Lund', note: null },
    }),
  )
  assert.deepEqual(shown(whole), [
    'list: title: Harbour\nopen: true',
    'list: fees[0].boat: small\nfees[0].fee: 10',
    'list: fees[1].boat: large\nfees[1].fee: 20\nfees[1].extra.per: day, night',
    'list: place.city: Lund',
  ])
  assert.equal(whole.title, 'Harbour')
})

test('a long text is a paragraph, a list of records a block each', async () => {
  const long = 'The harbour opens at six. '.repeat(30).trim()
  const whole = await parseBytes('x.json', JSON.stringify([{ id: 1, body: long }, { id: 2 }]))
  assert.deepEqual(shown(whole), ['list: id: 1', `paragraph: body: ${long}`, 'list: id: 2'])
})

test('comments and trailing commas are forgiven, slashes in texts stay', async () => {
  assert.equal(
    (await parseBytes('x.jsonc', '{ // note\n "url": "http://x/*y*/", /* more */ }')).text,
    'url: http://x/*y*/',
  )
})

test('JSON that is none is told with its line', async () => {
  await assert.rejects(parseBytes('x.json', '{\n "a": 1,\n "b" 2\n}'), {
    code: 'invalid',
    message: /x\.json is no valid JSON: line 3/,
  })
  await assert.rejects(parseBytes('x.json', '{"a": ['), { code: 'invalid', message: /line 1/ })
})

test('values nested without end do not end the process', async () => {
  await assert.rejects(parseBytes('x.json', '['.repeat(200_000) + ']'.repeat(200_000)), {
    code: 'invalid',
    message: /nested/,
  })
  await assert.rejects(parseBytes('x.json', `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`), {
    code: 'invalid',
    message: /nested deeper than 100/,
  })
})

test('JSON Lines have a block per record, and bad lines are named', async () => {
  const whole = await parseBytes('x.jsonl', '{"a":1}\n\nnot json\n{"a":2,"b":"c"}\r\n{')
  assert.deepEqual(shown(whole), ['list: a: 1', 'list: a: 2\nb: c'])
  assert.match(whole.warnings.join(), /Lines 3, 5 of the file are no JSON/)
  await assert.rejects(parseBytes('x.jsonl', 'no\nno'), { code: 'invalid', message: /line 1, 2 is none/ })
})

test('a notebook is its cells', async () => {
  const notebook = {
    nbformat: 4,
    metadata: { language_info: { name: 'julia' } },
    cells: [
      { cell_type: 'markdown', source: ['# Fees\n', 'Ten a day.'] },
      { cell_type: 'code', source: 'print(10)', outputs: [{ text: ['10\n'] }, { data: { 'text/plain': 'done' } }] },
    ],
  }
  const whole = await parseBytes('fees.ipynb', JSON.stringify(notebook))
  assert.deepEqual(shown(whole), [
    'heading1: Fees',
    'paragraph: Ten a day.',
    'code: print(10)',
    'code: 10',
    'code: done',
  ])
  assert.equal(whole.blocks[2]?.language, 'julia')
})
