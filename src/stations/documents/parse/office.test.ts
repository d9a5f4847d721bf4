import assert from 'node:assert/strict'
import { test } from 'node:test'
import { docx, pptx, word, xlsx, zip } from '../../../../test/documents/make-office.ts'
import { parseBytes, shown } from '../../../../test/documents/parse-bytes.ts'

test('a Word file is its headings, paragraphs and tables, Chinese included', async () => {
  const whole = await parseBytes(
    'harbour.docx',
    docx(
      word.heading(1, 'The harbour') +
        word.paragraph('It opens at six.') +
        word.heading(2, '费用') +
        word.paragraph('船只按长度付费。') +
        word.table([
          ['Boat', 'Fee'],
          ['small', '10'],
        ]),
    ),
  )
  assert.deepEqual(shown(whole), [
    'heading1: The harbour',
    'paragraph: It opens at six.',
    'heading2: 费用',
    'paragraph: 船只按长度付费。',
    'table: | Boat | Fee |\n| small | 10 |',
  ])
  assert.equal(whole.blocks.at(-1)?.headerLines, 1)
  assert.equal(whole.title, 'Handbook of the harbour')
  assert.equal(whole.properties['author'], 'A. Writer')
})

test('slides are pages in the order of the presentation, with their notes', async () => {
  const cells = ['Boat', 'Fee', 'small', '10'].map(
    (text) => `<a:tc><a:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></a:txBody></a:tc>`,
  )
  const table = `<p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tr>${cells[0]}${cells[1]}</a:tr><a:tr>${cells[2]}${cells[3]}</a:tr></a:tbl></a:graphicData></a:graphic></p:graphicFrame>`
  const whole = await parseBytes(
    'talk.pptx',
    pptx([
      { title: 'The harbour', points: ['opens at six', 'closes late'], notes: 'Say hello.' },
      { title: '费用', points: ['按长度付费'], extra: table },
    ]),
  )
  assert.deepEqual(shown(whole), [
    'heading1: The harbour',
    'list: - opens at six\n- closes late',
    'paragraph: Notes: Say hello.',
    'heading1: 费用',
    'paragraph: 按长度付费',
    'table: | Boat | Fee |\n| small | 10 |',
  ])
  assert.deepEqual(
    whole.blocks.map((block) => block.page),
    [1, 1, 1, 2, 2, 2],
  )
  assert.equal(whole.pages, 2)
  assert.equal(whole.title, 'The harbour')
})

test('sheets are pages; numbers show as dates and percentages, formulas as their value', async () => {
  const whole = await parseBytes(
    'fees.xlsx',
    xlsx(
      {
        Fees: [
          ['Fees of the harbour'],
          [],
          ['Boat', 'Since', 'Share', 'Fee'],
          [
            'small',
            { xml: '<c s="1"><v>43465</v></c>' },
            { xml: '<c s="2"><v>0.125</v></c>' },
            { xml: '<c><f>5*2</f><v>10</v></c>' },
          ],
          [
            'large',
            '',
            { xml: '<c t="b"><v>1</v></c>' },
            { xml: '<c t="inlineStr"><is><r><t>on </t></r><r><t>request</t></r></is></c>' },
          ],
          ['odd', 0.1 + 0.2, { xml: '<c t="str"><f>A1</f><v>=HYPERLINK</v></c>' }],
        ],
        Secret: [['hidden words', 'more']],
      },
      { state: { Secret: 'hidden' } },
    ),
  )
  assert.deepEqual(shown(whole), [
    'heading1: Fees',
    'paragraph: Fees of the harbour',
    'table: | Boat | Since | Share | Fee |\n| small | 2018-12-31 | 12.5% | 10 |\n| large |  | TRUE | on request |\n| odd | 0.3 | =HYPERLINK |',
  ])
  assert.match(whole.warnings.join(), /sheet "Secret" is hidden/)
})

test('a long sheet comes as tables that each have the header', async () => {
  const rows = Array.from({ length: 2500 }, (_, at) => [`boat ${at}`, at])
  const whole = await parseBytes('long.xlsx', xlsx({ Long: [['Boat', 'Fee'], ...rows] }))
  const tables = whole.blocks.filter((block) => block.kind === 'table')
  assert.equal(tables.length, 25)
  for (const { start, end, headerLines } of tables) {
    assert.equal(headerLines, 1)
    assert.match(whole.text.slice(start, end), /^\| Boat \| Fee \|\n\| boat \d+ \| \d+ \|/)
  }
  assert.match(whole.text, /\| boat 2499 \| 2499 \|/)
})

const bomb = docx(word.paragraph('x'), { 'word/footnotes.xml': new Uint8Array(80 * 1024 * 1024) })
const laughs = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "${'&a;'.repeat(50)}"><!ENTITY c "${'&b;'.repeat(50)}">]>`
const outside = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
const wordXml = (head: string, text: string): string =>
  `${head}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${word.paragraph(text)}</w:body></w:document>`

for (const [what, name, bytes, expected] of [
  [
    'a zip bomb',
    'bomb.docx',
    bomb,
    { code: 'too-large', message: /bomb\.docx unpacks to more than is allowed.*footnotes/ },
  ],
  [
    'a cut Word file',
    'cut.docx',
    docx(word.paragraph('x')).subarray(0, 700),
    { code: 'invalid', message: /cut\.docx is no whole archive/ },
  ],
  [
    'a cut Excel file',
    'cut.xlsx',
    xlsx({ A: [['x']] }).subarray(0, 900),
    { code: 'invalid', message: /no whole archive/ },
  ],
  [
    'entities that multiply in Word',
    'laughs.docx',
    docx('', { 'word/document.xml': wordXml(laughs, '&c;') }),
    { code: 'invalid', message: /entity declarations/ },
  ],
  [
    'an entity from outside in Word',
    'outside.docx',
    docx('', { 'word/document.xml': wordXml(outside, '&a;') }),
    { code: 'invalid', message: /entity declarations/ },
  ],
  [
    'entities in UTF-16',
    'wide.docx',
    docx('', { 'word/document.xml': Buffer.from(wordXml(laughs, '&c;'), 'utf16le') }),
    { code: 'invalid', message: /entity declarations/ },
  ],
  [
    'entities that multiply in Excel',
    'laughs.xlsx',
    xlsx({ A: [['x']] }, { parts: { 'xl/sharedStrings.xml': `${laughs}<sst><si><t>&c;</t></si></sst>` } }),
    { code: 'invalid', message: /entity declarations/ },
  ],
  [
    'a name that climbs',
    'climb.docx',
    docx(word.paragraph('x'), { '../../../tmp/x': 'x' }),
    { code: 'invalid', message: /unsafe name/ },
  ],
  [
    'an archive with no document',
    'empty.docx',
    zip({ '[Content_Types].xml': '<Types/>', 'word/x.bin': 'x' }),
    { code: 'invalid', message: /empty\.docx/ },
  ],
  [
    'XML that is none',
    'broken.pptx',
    zip({ '[Content_Types].xml': '', 'ppt/presentation.xml': '<p:presentation' }),
    { code: 'invalid', message: /broken\.pptx/ },
  ],
  ['a Word file without text', 'blank.docx', docx(word.paragraph('')), { code: 'invalid', message: /no text in it/ }],
] as const)
  test(`${what} is refused`, async () => {
    await assert.rejects(parseBytes(name, bytes), expected)
  })

test('XML nested without end does not end the process', async () => {
  const deep = `${'<a:b>'.repeat(20_000)}${'</a:b>'.repeat(20_000)}`
  await assert.rejects(
    parseBytes(
      'deep.pptx',
      zip({ '[Content_Types].xml': '', 'ppt/presentation.xml': `<p:presentation>${deep}</p:presentation>` }),
    ),
    { code: 'invalid' },
  )
})

test('a picture that is linked from outside is never fetched', async () => {
  const relation =
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="file:///etc/passwd" TargetMode="External"/></Relationships>'
  const picture =
    '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill><a:blip xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:link="rId9"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>'
  const whole = await parseBytes(
    'linked.docx',
    docx(word.paragraph('Words.') + picture, { 'word/_rels/document.xml.rels': relation }),
  )
  assert.equal(whole.text, 'Words.')
})
