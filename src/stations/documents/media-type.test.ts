import assert from 'node:assert/strict'
import { test } from 'node:test'
import { docx, pptx, word, xlsx, zip } from '../../../test/documents/make-office.ts'
import { pdf } from '../../../test/documents/make-pdf.ts'
import { kindOf } from './media-type.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)

test('text formats are told from the name', () => {
  for (const [name, format] of [
    ['guide/Install.MD', 'markdown'],
    ['notes', 'text'],
    ['a.b.txt', 'text'],
    ['page.htm', 'html'],
    ['t.tsv', 'csv'],
    ['x.json', 'json'],
    ['x.ndjson', 'jsonl'],
    ['x.eml', 'eml'],
  ] as const)
    assert.equal(kindOf(name, bytes('some words')).format, format, name)
})

test('source code has its language', () => {
  assert.deepEqual(kindOf('src/main.rs', bytes('fn main() {}')), {
    format: 'code',
    mediaType: 'text/x-rust',
    language: 'rust',
  })
  assert.equal(kindOf('Dockerfile', bytes('FROM scratch')).language, 'dockerfile')
  assert.equal(kindOf('x.constructor', bytes('nothing inherited')).format, 'text')
})

test('the bytes win over the name', async () => {
  assert.equal(kindOf('report.txt', await pdf([[]])).format, 'pdf')
  assert.equal(kindOf('letter.bin', docx(word.paragraph('x'))).format, 'docx')
  assert.equal(kindOf('x.zip', pptx([])).format, 'pptx')
  assert.equal(kindOf('x', xlsx({ One: [] })).format, 'xlsx')
  assert.equal(kindOf('download', bytes('<!DOCTYPE html><p>x')).format, 'html')
})

test('a declared type chooses among text formats, and cannot make text of a picture', () => {
  assert.equal(kindOf('page', bytes('# x'), 'text/markdown; charset=utf-8').format, 'markdown')
  assert.equal(kindOf('page.md', bytes('# x'), 'text/plain').format, 'markdown')
  assert.throws(() => kindOf('page', Buffer.from([0x89, 0x50, 0x4e, 0x47]), 'text/plain'), { code: 'unsupported' })
})

for (const [what, name, head, code, message] of [
  ['an empty file', 'a.md', bytes(''), 'invalid', /a\.md is empty: it has 0 bytes/],
  ['a picture under a text name', 'a.txt', Buffer.from([0xff, 0xd8, 0xff, 0xe0]), 'unsupported', /JPEG image.*OCR/],
  [
    'random bytes under a text name',
    'a.md',
    Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 7919 + ((at * at) >> 3)) & 255)),
    'unsupported',
    /no text although it is taken for markdown/,
  ],
  ['text full of NUL bytes', 'a.txt', bytes('a\0b\0\0c\0'.repeat(100)), 'unsupported', /are zero/],
  ['an archive', 'a.zip', zip({ 'x.txt': 'x' }), 'unsupported', /zip archive. Unpack it/],
  ['a program', 'a.csv', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]), 'unsupported', /is a program/],
  ['an old Word file', 'a.doc', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]), 'unsupported', /before 2007.*DOCX/],
  ['an encrypted Word file', 'a.docx', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]), 'unsupported', /password/],
  ['text called PDF', 'a.pdf', bytes('just words'), 'invalid', /called PDF but its bytes are not/],
  ['rich text', 'a.rtf', bytes('{\\rtf1 x}'), 'unsupported', /RTF.*DOCX/],
] as const)
  test(`${what} is refused with a reason`, () => {
    assert.throws(() => kindOf(name, head), { code, message })
  })

test('UTF-16 text is no binary, and a stray NUL does not make one', () => {
  assert.equal(kindOf('a.txt', Buffer.from('\uFEFFThe harbour opens', 'utf16le')).format, 'text')
  assert.equal(kindOf('a.txt', Buffer.from('The harbour opens at six', 'utf16le')).format, 'text')
  assert.equal(kindOf('a.txt', bytes(`${'words and words '.repeat(200)}\0`)).format, 'text')
})
