import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { test } from 'node:test'
import { chinesePdf, encryptedPdf, lines, pdf, rows } from '../../../../test/documents/make-pdf.ts'
import { folder, parseBytes, shown } from '../../../../test/documents/parse-bytes.ts'
import { openPdf } from './pdf-file.ts'

const prose = (words: string, count: number): string[] =>
  Array.from({ length: count }, (_, place) => `${words} line ${place + 1} goes on to its end`)

test('lines become paragraphs, gaps separate them, and each block knows its page', async () => {
  const bytes = await pdf([
    [
      ...lines(['The harbour opens at six in the morning and closes', 'late in the evening.'], 60, 100),
      ...lines(['Boats pay by length.'], 60, 150),
    ],
    lines(['The second page has one line only.'], 60, 100),
  ])
  const whole = await parseBytes('harbour.pdf', bytes)
  assert.deepEqual(shown(whole), [
    'paragraph: The harbour opens at six in the morning and closes late in the evening.',
    'paragraph: Boats pay by length.',
    'paragraph: The second page has one line only.',
  ])
  assert.deepEqual(
    whole.blocks.map((block) => block.page),
    [1, 1, 2],
  )
  assert.equal(whole.pages, 2)
})

test('larger text and short bold lines are headings', async () => {
  const bytes = await pdf([
    [
      { text: 'Harbour rules', x: 60, y: 80, size: 20 },
      ...lines(prose('Normal text', 6), 60, 120),
      { text: 'Fees for boats', x: 60, y: 220, bold: true },
      ...lines(prose('More normal text', 6), 60, 240),
    ],
  ])
  const whole = await parseBytes('rules.pdf', bytes)
  const headings = whole.blocks
    .filter((block) => block.kind === 'heading')
    .map((block) => [block.level, whole.text.slice(block.start, block.end)])
  assert.deepEqual(headings, [
    [1, 'Harbour rules'],
    [4, 'Fees for boats'],
  ])
  assert.equal(whole.title, 'Harbour rules')
})

test('the rows of a table keep label, numbers and years on one line, empty cells in their column', async () => {
  const bytes = await pdf([
    [
      ...lines(['Consolidated figures of the harbour company follow here.'], 60, 80),
      ...rows(
        [
          ['(Millions)', '2018', '2017', '2016'],
          ['Net income', '$ 5,363', '$ 4,869', '$ 5,058'],
          ['Purchases of property, plant', '', '', ''],
          ['and equipment', '(1,577)', '(1,373)', '(1,420)'],
          ['Sale of business', '', '810', '58'],
          ['Total', '222', '(3,086)', '(1,403)'],
        ],
        [60, 300, 380, 460],
        120,
      ),
    ],
  ])
  const whole = await parseBytes('figures.pdf', bytes)
  const table = whole.blocks.find((block) => block.kind === 'table')
  assert.ok(table)
  assert.deepEqual(whole.text.slice(table.start, table.end).split('\n'), [
    '| (Millions) | 2018 | 2017 | 2016 |',
    '| Net income | $5,363 | $4,869 | $5,058 |',
    '| Purchases of property, plant and equipment | (1,577) | (1,373) | (1,420) |',
    '| Sale of business |  | 810 | 58 |',
    '| Total | 222 | (3,086) | (1,403) |',
  ])
  assert.equal(table.headerLines, 1)
})

test('two columns are read one after the other, what spans them before', async () => {
  const bytes = await pdf([
    [
      { text: 'A title over both of the columns of this page', x: 100, y: 60, size: 16 },
      ...lines(prose('Left column', 12), 50, 100),
      ...lines(prose('Right column', 12), 320, 100),
    ],
  ])
  const { text } = await parseBytes('columns.pdf', bytes)
  assert.ok(text.indexOf('Left column line 12') < text.indexOf('Right column line 1 '))
  assert.ok(text.indexOf('A title over both') < text.indexOf('Left column line 1 '))
  assert.doesNotMatch(text, /Left column line 1 [^\n]*Right/)
})

test('running heads and page numbers are left out, also from a window of a few pages', async () => {
  const page = (number: number) => [
    { text: 'Annual report of the harbour', x: 60, y: 30 },
    ...lines([`Page ${number} tells of matter ${'abcdefghijkl'.charAt(number)} and nothing else.`], 60, 100),
    { text: `${number}`, x: 300, y: 820 },
  ]
  const bytes = await pdf(Array.from({ length: 10 }, (_, place) => page(place + 1)))
  const whole = await parseBytes('report.pdf', bytes)
  assert.equal(whole.blocks.length, 10)
  assert.doesNotMatch(whole.text, /Annual report/)
  const window = await parseBytes('report.pdf', bytes, { pages: { from: 10, to: 10 } })
  assert.deepEqual(shown(window), ['paragraph: Page 10 tells of matter k and nothing else.'])
  assert.equal(window.pages, 10)
})

test('words cut at the end of a line are whole again, and compounds keep their hyphen', async () => {
  const bytes = await pdf([
    lines(['The har-', 'bour has long-term plans, and these are long-', 'term indeed.'], 60, 100),
  ])
  const { text } = await parseBytes('hyphens.pdf', bytes)
  assert.equal(text, 'The harbour has long-term plans, and these are long-term indeed.')
})

test('items with bullets are a list, one line each', async () => {
  const bytes = await pdf([
    [
      ...lines(['These things are needed:'], 60, 80),
      { text: '•', x: 60, y: 110 },
      ...lines(['a rope that is long enough for', 'the boat,'], 80, 110),
      { text: '•', x: 60, y: 134 },
      { text: 'an anchor.', x: 80, y: 134 },
    ],
  ])
  assert.deepEqual(shown(await parseBytes('list.pdf', bytes)), [
    'paragraph: These things are needed:',
    'list: • a rope that is long enough for the boat,\n• an anchor.',
  ])
})

test('Chinese in a font that is not embedded is read by its predefined encoding', async () => {
  const whole = await parseBytes('港口.pdf', chinesePdf(['港口早上六点开门', '晚上十点关门。']))
  assert.equal(whole.text.replace(/\s/g, ''), '港口早上六点开门晚上十点关门。')
})

test('a PDF that asks for a password says so and what to do', async () => {
  await assert.rejects(parseBytes('secret.pdf', encryptedPdf()), {
    code: 'unsupported',
    message: /secret\.pdf is protected by a password/,
  })
})

test('pages without text are named, and a PDF without any asks for recognition', async () => {
  const mixed = await parseBytes(
    'mixed.pdf',
    await pdf([lines(['Text is here.'], 60, 100), [], [], lines(['And here.'], 60, 100)]),
  )
  assert.match(mixed.warnings.join(), /Pages 2-3 have no text layer/)
  await assert.rejects(parseBytes('scan.pdf', await pdf([[], []])), {
    code: 'unsupported',
    message: /none of its 2 pages has text.*\(OCR\)/,
  })
})

test('a PDF that is cut off is either repaired or refused, never half', async () => {
  const bytes = await pdf([lines(['All of this text is in the file.'], 60, 100)])
  await assert.rejects(parseBytes('cut.pdf', bytes.subarray(0, 200)), { code: 'invalid', message: /cut\.pdf/ })
})

test('a large file is read by ranges and gives the same text', async () => {
  const bytes = await pdf([lines(prose('Ranged', 5), 60, 100)])
  await using place = await folder()
  const path = await place.write('file', bytes)
  const text = async (whole: number): Promise<string> => {
    await using opened = await openPdf({ path, name: 'file', size: (await stat(path)).size }, whole)
    const { items } = await (await opened.document.getPage(1)).getTextContent()
    return items.map((item) => ('str' in item ? item.str : '')).join(' ')
  }
  assert.equal(await text(0), await text(1 << 20))
})

test('parsing stops between pages when the caller leaves', async () => {
  const bytes = await pdf([lines(['Text.'], 60, 100), lines(['More.'], 60, 100)])
  const left = new AbortController()
  left.abort(new Error('gone'))
  await assert.rejects(parseBytes('left.pdf', bytes, { signal: left.signal }), /gone/)
})
