import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { access } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseBytes, shown } from '../../../../test/documents/parse-bytes.ts'
import { docx, word } from '../../../../test/documents/make-office.ts'
import { safeName } from './eml.ts'

const head =
  'From: =?UTF-8?B?5riv5Y+j?= <harbour@example.org>\r\nTo: A <a@example.org>, b@example.org\r\nDate: Mon, 02 Mar 2026 10:00:00 +0000\r\nSubject: =?gbk?B?t9HTww==?= for boats\r\nMIME-Version: 1.0\r\n'

function mixed(parts: readonly { headers: string; body: string }[]): string {
  const pieces = parts.map(({ headers, body }) => `--edge\r\n${headers}\r\n\r\n${body}\r\n`)
  return `${head}Content-Type: multipart/mixed; boundary=edge\r\n\r\n${pieces.join('')}--edge--\r\n`
}

const attachment = (name: string, type: string, bytes: Uint8Array | string): { headers: string; body: string } => ({
  headers: `Content-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="${name}"`,
  body: Buffer.from(bytes).toString('base64'),
})

const body = { headers: 'Content-Type: text/plain; charset=utf-8', body: 'The fee is ten a day.' }

test('a mail is who, when, what about, and its words', async () => {
  const whole = await parseBytes(
    'mail.eml',
    `${head}Content-Type: text/plain; charset=utf-8\r\n\r\nThe fee is ten.\r\n\r\nBye.\r\n`,
  )
  assert.deepEqual(shown(whole).slice(1), ['paragraph: The fee is ten.', 'paragraph: Bye.'])
  assert.match(
    whole.text,
    /^From: 港口 <harbour@example\.org>\nTo: A <a@example\.org>, b@example\.org\nDate: [^\n]+\nSubject: 费用 for boats/,
  )
  assert.equal(whole.title, '费用 for boats')
})

test('HTML is read when it says more than the plain text', async () => {
  const html = '<table><tr><th>Boat</th><th>Fee</th></tr><tr><td>small</td><td>10</td></tr></table>'
  const mail = `${head}Content-Type: multipart/alternative; boundary=edge\r\n\r\n--edge\r\nContent-Type: text/plain\r\n\r\nOpen in HTML\r\n--edge\r\nContent-Type: text/html\r\n\r\n${html}\r\n--edge--\r\n`
  assert.match((await parseBytes('mail.eml', mail)).text, /\| Boat \| Fee \|\n\| small \| 10 \|/)
})

test('attachments are read under their name, and one that cannot be is a warning', async () => {
  const whole = await parseBytes(
    'mail.eml',
    mixed([
      body,
      attachment('fees.docx', 'application/octet-stream', docx(word.paragraph('Large boats pay twenty.'))),
      attachment('photo.png', 'image/png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0])),
    ]),
  )
  assert.match(whole.text, /Attachment: fees\.docx\n\nLarge boats pay twenty\./)
  assert.match(whole.warnings.join(), /attachment "photo\.png" was not read: .*PNG image/)
})

test('an attachment that is named to climb stays where it is put', async () => {
  const name = `andon-climbed-${randomUUID()}.txt`
  const whole = await parseBytes('mail.eml', mixed([body, attachment(`../${name}`, 'text/plain', 'climbing words')]))
  assert.match(whole.text, /Attachment: andon-climbed-[^\n]*\n\nclimbing words/)
  // Attachments lie in a folder of their own in the folder for temporary files: one step up is here.
  await assert.rejects(access(join(tmpdir(), name)), { code: 'ENOENT' })
  assert.equal(safeName('..\\..\\x\0y.txt'), 'xy.txt')
  assert.equal(safeName('../..'), 'attachment')
})

test('mails within mails are opened twice and no deeper', async () => {
  const inner = (depth: number): string =>
    depth === 0
      ? mixed([{ ...body, body: 'The innermost words.' }])
      : mixed([
          { ...body, body: `Words at ${depth}.` },
          attachment(`inner${depth}.eml`, 'application/octet-stream', inner(depth - 1)),
        ])
  const whole = await parseBytes('mail.eml', inner(4))
  assert.match(whole.text, /Words at 4[\s\S]*Words at 3[\s\S]*Words at 2/)
  assert.doesNotMatch(whole.text, /Words at 1/)
  assert.match(whole.warnings.join(), /inner2\.eml" was not read/)
})
