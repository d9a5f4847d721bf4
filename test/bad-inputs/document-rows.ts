// Documents that are empty, huge, broken, hostile or not what their name says.

import { zip } from '../documents/make-office.ts'
import { encryptedPdf, lines, pdf, rawPdf } from '../documents/make-pdf.ts'
import { failed, loaded, refused, withFile, type DocumentRow } from './document-row.ts'
import { maxBytes } from './house.ts'

const zeros = (count: number): Uint8Array => new Uint8Array(count)
const contentTypes =
  '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
const wordSpace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
const officeRelations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const wordRelations = `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${officeRelations}/officeDocument" Target="word/document.xml"/></Relationships>`

function docx(body: string | Uint8Array): Uint8Array {
  return zip({ '[Content_Types].xml': contentTypes, '_rels/.rels': wordRelations, 'word/document.xml': body })
}

function wordXml(body: string, before = ''): string {
  return `<?xml version="1.0"?>${before}<w:document ${wordSpace}><w:body>${body}</w:body></w:document>`
}

function paragraph(text: string): string {
  return `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`
}

function withEntities(used: string): string {
  const entities = `<!ENTITY a "ha"><!ENTITY b "${'&a;'.repeat(32)}"><!ENTITY c "${'&b;'.repeat(32)}">`
  return wordXml(paragraph(used), `<!DOCTYPE w [${entities}<!ENTITY file SYSTEM "file:///etc/passwd">]>`)
}

const words = wordXml(paragraph('Some words.').repeat(200))
const cell = '<w:tbl><w:tr><w:tc>'
const cellEnd = '</w:tc></w:tr></w:tbl>'

export const documentRows: DocumentRow[] = [
  refused('invalid', {
    given: 'an empty file',
    says: ['empty.txt is empty'],
    make: (folder) => withFile(folder, 'empty.txt', ''),
  }),
  refused('invalid', { given: 'an empty text', says: ['a.md is empty'], make: () => ({ name: 'a.md', text: '' }) }),
  refused('invalid', {
    given: 'bytes that never come',
    says: ['a.md is empty'],
    make: () => ({ name: 'a.md', bytes: (async function* () {})() }),
  }),
  failed('invalid', {
    given: 'a file of white space only',
    says: ['blank.md is empty: there is no text in it'],
    make: (folder) => withFile(folder, 'blank.md', ' \n\t\r\n \u3000\n'),
  }),
  failed('invalid', {
    given: 'a byte order mark and nothing else',
    says: ['mark.txt is empty'],
    make: () => ({ name: 'mark.txt', bytes: Uint8Array.of(0xef, 0xbb, 0xbf) }),
  }),
  refused('too-large', {
    given: 'a file over `loading.maxBytes`',
    says: ['huge.txt has 2000001 bytes', 'at most 2000000', 'loading.maxBytes'],
    make: (folder) => withFile(folder, 'huge.txt', 'x'.repeat(maxBytes + 1)),
  }),
  refused('too-large', {
    given: 'a stream that goes on over `loading.maxBytes`',
    says: ['endless.txt', 'more than 2000000 bytes', 'loading.maxBytes'],
    make: () => ({
      name: 'endless.txt',
      bytes: (async function* () {
        for (;;) yield Buffer.alloc(65_536, 'words ')
      })(),
    }),
  }),
  refused('unsupported', {
    given: 'binary under the name of a text',
    says: ['data.txt is no text', 'Andon reads text'],
    make: () => ({ name: 'data.txt', bytes: Uint8Array.from({ length: 4096 }, (_, at) => ((at * 7919) % 251) % 32) }),
  }),
  refused('unsupported', {
    given: 'zero bytes under the name of a text',
    says: ['zeros.md', 'zero'],
    make: () => ({ name: 'zeros.md', bytes: zeros(5_000) }),
  }),
  refused('unsupported', {
    given: 'a program under the name of a text',
    says: ['tool.txt is'],
    make: () => ({ name: 'tool.txt', bytes: Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01'), zeros(500)]) }),
  }),
  refused('unsupported', {
    given: 'a picture under the name of a text',
    says: ['picture.md is', 'PNG'],
    make: () => ({ name: 'picture.md', bytes: Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0', 'latin1') }),
  }),
  refused('unsupported', {
    given: 'a zip archive',
    says: ['all.zip is a zip archive', 'Unpack it'],
    make: () => ({ name: 'all.zip', bytes: zip({ 'a.txt': 'words' }) }),
  }),
  refused('invalid', {
    given: 'text under the name of a PDF',
    says: ['letter.pdf', 'its bytes are not'],
    make: () => ({ name: 'letter.pdf', text: 'Dear reader' }),
  }),
  failed('unsupported', {
    given: 'an encrypted PDF',
    says: ['secret.pdf is protected by a password', 'Save a copy without one'],
    make: () => ({ name: 'secret.pdf', bytes: encryptedPdf() }),
  }),
  failed('invalid', {
    given: 'a PDF of which only the first line is left',
    says: ['cut.pdf is no whole PDF', 'fetch it again'],
    make: () => ({ name: 'cut.pdf', bytes: Buffer.from('%PDF-1.7\n') }),
  }),
  failed('invalid', {
    given: 'a PDF cut off in the middle',
    says: ['half.pdf'],
    make: async () => {
      const whole = await pdf([lines(['Some words'], 60, 60)])
      return { name: 'half.pdf', bytes: whole.subarray(0, Math.floor(whole.length / 4)) }
    },
  }),
  failed('invalid', {
    given: 'a PDF without pages',
    says: ['none.pdf has no pages', 'Fetch it again'],
    make: () => ({
      name: 'none.pdf',
      bytes: rawPdf(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [] /Count 0 >>']),
    }),
  }),
  failed('unsupported', {
    given: 'a PDF without a text layer',
    says: ['scan.pdf', 'none of its 2 pages has text', 'OCR'],
    make: async () => ({ name: 'scan.pdf', bytes: await pdf([[], []]) }),
  }),
  loaded({
    given: 'a PDF of which one page has no text',
    says: ['Page 2'],
    finds: 'harbour',
    make: async () => ({
      name: 'partly.pdf',
      bytes: await pdf([lines(['The harbour master lives in the tower.'], 60, 60), []]),
    }),
  }),
  failed('too-large', {
    given: 'a DOCX that unpacks to a thousand times its size',
    says: ['bomb.docx unpacks to more than is allowed'],
    make: () => ({ name: 'bomb.docx', bytes: docx(zeros(32 << 20)) }),
  }),
  failed('invalid', {
    given: 'a DOCX cut off in the middle',
    says: ['cut.docx is no whole archive', 'Save it again'],
    make: () => {
      const whole = docx(words)
      return { name: 'cut.docx', bytes: whole.subarray(0, whole.length - 40) }
    },
  }),
  failed('invalid', {
    given: 'a DOCX whose text is no XML',
    says: ['odd.docx'],
    make: () => ({ name: 'odd.docx', bytes: docx('<w:document><w:body><w:p') }),
  }),
  failed('invalid', {
    given: 'a DOCX with an entry that climbs out',
    says: ['climb.docx holds an entry with an unsafe name', '../../evil'],
    make: () => ({
      name: 'climb.docx',
      bytes: zip({ '[Content_Types].xml': contentTypes, 'word/document.xml': words, '../../evil': 'x' }),
    }),
  }),
  failed('invalid', {
    given: 'a DOCX with entities that grow a thousandfold',
    says: ['laughs.docx holds XML with entity declarations', 'It is refused'],
    make: () => ({ name: 'laughs.docx', bytes: docx(withEntities('&c;')) }),
  }),
  failed('invalid', {
    given: 'a DOCX with an entity that names a file of this machine',
    says: ['reader.docx holds XML with entity declarations', 'It is refused'],
    make: () => ({ name: 'reader.docx', bytes: docx(withEntities('&file;')) }),
  }),
  failed('invalid', {
    given: 'a DOCX of tables in tables, five thousand deep',
    says: ['deep.docx is nested too deeply', 'Flatten it'],
    make: () => ({ name: 'deep.docx', bytes: docx(wordXml(`${cell.repeat(5_000)}<w:p/>${cellEnd.repeat(5_000)}`)) }),
  }),
  failed('invalid', {
    given: 'an XLSX that is only a name',
    says: ['empty.xlsx'],
    make: () => ({ name: 'empty.xlsx', bytes: zip({ '[Content_Types].xml': contentTypes, 'xl/nothing.xml': '<x/>' }) }),
  }),
  refused('unsupported', {
    given: 'a DOCX with a password',
    says: ['secret.docx is protected by a password', 'remove the password'],
    make: () => ({
      name: 'secret.docx',
      bytes: Buffer.concat([Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]), zeros(600)]),
    }),
  }),
  loaded({
    given: 'text with bytes of no encoding among UTF-8',
    says: ['could not be read as utf-8', 'Save the file as UTF-8'],
    finds: 'Zürich',
    make: () => ({
      name: 'mixed.txt',
      bytes: Buffer.concat([
        Buffer.from('The café in Zürich opens early — très tôt, à six heures. '.repeat(20)),
        Buffer.from([0xff, 0xc3, 0x28, 0xfe]),
        Buffer.from(' And it closes late.'),
      ]),
    }),
  }),
  loaded({
    given: 'text in an old Western encoding',
    says: [],
    finds: 'Zürich',
    make: () => ({ name: 'old.txt', bytes: Buffer.from('Das Café in Zürich öffnet früh, schön für Gäste.', 'latin1') }),
  }),
  loaded({
    given: 'UTF-16 with half a character at its end',
    says: ['could not be read as utf-16le'],
    finds: 'lantern',
    make: () => ({
      name: 'wide.txt',
      bytes: Buffer.concat([Buffer.from('\uFEFFThe lantern is lit at dusk.', 'utf16le'), Buffer.from([0x3d, 0xd8])]),
    }),
  }),
  loaded({
    given: 'a text with half a surrogate pair',
    says: [],
    finds: 'anchor',
    make: () => ({ name: 'half.md', text: 'The anchor \ud83d weighs four tons.' }),
  }),
  failed('invalid', {
    given: 'invalid JSON in a .json file',
    says: ['broken.json is no valid JSON', 'line 3', 'Correct it'],
    make: () => ({ name: 'broken.json', text: '{\n  "a": 1,\n  "b": oops\n}' }),
  }),
  failed('invalid', {
    given: 'JSON nested deeper than anybody writes',
    says: ['deep.json is nested'],
    make: () => ({ name: 'deep.json', text: `${'['.repeat(50_000)}1${']'.repeat(50_000)}` }),
  }),
  loaded({
    given: 'a .json file with the key __proto__',
    says: [],
    finds: 'compass',
    make: () => ({
      name: 'proto.json',
      text: '{"__proto__": {"polluted": "yes"}, "constructor": {"prototype": {"polluted": "yes"}}, "tool": "The compass points north."}',
    }),
  }),
  failed('invalid', {
    given: 'a .jsonl file without one valid line',
    says: ['broken.jsonl has no line that is JSON'],
    make: () => ({ name: 'broken.jsonl', text: 'one\ntwo\n' }),
  }),
  failed('invalid', {
    given: 'a .csv file with a quote that is never closed',
    says: ['open.csv is no whole table', 'line 3', 'never closed'],
    make: () => ({ name: 'open.csv', text: 'a,b\n1,"two\n3,4\n' }),
  }),
  failed('invalid', {
    given: 'a mail with neither headers nor a body',
    says: ['note.eml is no mail'],
    make: () => ({ name: 'note.eml', text: 'nothing of a mail' }),
  }),
  failed('invalid', {
    given: 'a mail of parts in parts, five hundred deep',
    says: ['deep.eml', 'nesting depth'],
    make: () => ({
      name: 'deep.eml',
      text: `Subject: x\n${Array.from({ length: 500 }, (_, at) => `Content-Type: multipart/mixed; boundary=b${at}\n\n--b${at}\n`).join('')}`,
    }),
  }),
  loaded({
    given: 'Markdown with quotes in quotes, twenty thousand deep',
    says: ['nested too deeply', 'plain text'],
    finds: 'cellar',
    make: () => ({ name: 'quotes.md', text: `${'>'.repeat(20_000)} The cellar is dry.` }),
  }),
  failed('invalid', {
    given: 'an HTML page without text',
    says: ['bare.html'],
    make: () => ({ name: 'bare.html', text: '<!doctype html><html><body><script>alert(1)</script></body></html>' }),
  }),
  loaded({
    given: 'HTML nested ten thousand deep',
    says: [],
    finds: 'bottom',
    make: () => ({ name: 'nested.html', text: `${'<div>'.repeat(10_000)}The bottom is made of sand.` }),
  }),
  loaded({
    given: 'one line of a million characters',
    says: [],
    make: () => ({ name: 'line.txt', text: 'abc '.repeat(250_000) }),
  }),
  loaded({
    given: '300,000 characters without a space',
    says: [],
    make: () => ({ name: 'word.txt', text: 'x'.repeat(300_000) }),
  }),
]
