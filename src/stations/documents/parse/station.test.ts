import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, folder, parseBytes } from '../../../../test/documents/parse-bytes.ts'
import { AndonError } from '../../../core/errors.ts'
import { open } from './station.ts'

for (const [what, name, bytes, expected] of [
  ['an empty file', 'a.md', '', { code: 'invalid', message: /a\.md is empty: it has 0 bytes/ }],
  ['a file of blanks', 'a.txt', ' \n\t\n', { code: 'invalid', message: /a\.txt is empty: there is no text in it/ }],
  [
    'Markdown that shows nothing',
    'a.md',
    '<!-- only a comment -->',
    { code: 'invalid', message: /a\.md has no text in it/ },
  ],
  [
    'a program under a text name',
    'a.txt',
    Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]),
    { code: 'unsupported', message: /a program/ },
  ],
  ['a PDF of a few bytes', 'a.pdf', '%PDF-1.7\n', { code: 'invalid', message: /a\.pdf is no whole PDF/ }],
] as const)
  test(`${what} is refused in a sentence that names it`, async () => {
    await assert.rejects(parseBytes(name, bytes), expected)
  })

test('a file that is not there is not found', async () => {
  const parts = open().run({ path: '/nowhere/at/all', name: 'gone.md' }, call())
  await assert.rejects(Array.fromAsync(parts), { code: 'not-found' })
})

test('a limit on characters holds for every format', async () => {
  for (const [name, bytes] of [
    ['a.md', '# Words\n\nand more words'],
    ['a.csv', 'name,fee\nsmall boat,10\n'],
    ['a.json', '{"a":"some words to read"}'],
  ] as const)
    await assert.rejects(parseBytes(name, bytes, { options: { maxCharacters: 10 } }), {
      code: 'too-large',
      message: /more than 10 characters/,
    })
})

test('long documents come in parts that are small enough for a message', async () => {
  await using place = await folder()
  const path = await place.write('a', 'Some words of a paragraph.\n\n'.repeat(60_000))
  const parts = await Array.fromAsync(open().run({ path, name: 'a.txt' }, call()))
  assert.ok(parts.length >= 3)
  for (const part of parts) assert.ok(part.text.length <= 600_000)
})

// A pattern that takes time with the square of a text's length would take minutes for any of these.
const hostile: [name: string, text: string][] = [
  ['a.md', '{{% '.repeat(100_000)],
  ['a.md', '<table>'.repeat(50_000)],
  ['a.md', `x${' '.repeat(500_000)}y`],
  ['a.md', `\`\`\`\n${'\n'.repeat(300_000)}x`],
  ['a.md', '['.repeat(50_000)],
  ['a.md', '*a _b '.repeat(10_000)],
  ['a.txt', `x${'\t'.repeat(1_000_000)}y`],
  ['a.html', `<p>x${'<'.repeat(100_000)}`],
  ['a.html', `<table><tr>${'<td>x'.repeat(20_000)}`],
  ['a.json', `{"a":1} ${'/*'.repeat(100_000)}`],
]
for (const [name, text] of hostile)
  test(
    `${name} of ${JSON.stringify(text.slice(0, 12))} again and again is done in time`,
    { timeout: 20_000 },
    async () => {
      const failed = await parseBytes(name, text).then(
        () => undefined,
        (error: unknown) => error,
      )
      // Refused or read: both are fine, as long as the sentence says which file.
      if (failed !== undefined) assert.match(AndonError.from(failed).sentence, /a\.(?:md|txt|html|json)/)
    },
  )
