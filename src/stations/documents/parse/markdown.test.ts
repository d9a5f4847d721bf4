import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkBlocks, parseBytes, shown } from '../../../../test/documents/parse-bytes.ts'
import { parseMarkdown } from './markdown.ts'

const blocks = (markdown: string): string[] => {
  const part = parseMarkdown(markdown)
  checkBlocks(part)
  return shown(part)
}

test('headings, paragraphs, lists, tables and code come out as a reader sees them', () => {
  assert.deepEqual(
    blocks(`# The *harbour*

It opens at **six** and
closes [late](https://example.org "x").

1. rope
2. anchor
   - iron
   - steel

| Boat | Fee |
| :--- | ---: |
| small | 10 \\| 12 |

\`\`\`ts
const fee = 10
\`\`\`
`),
    [
      'heading1: The harbour',
      'paragraph: It opens at six and closes late.',
      'list: 1. rope\n2. anchor\n  - iron\n  - steel',
      'table: | Boat | Fee |\n| small | 10 | 12 |',
      'code: const fee = 10',
    ],
  )
  const part = parseMarkdown('| a | b |\n|---|---|\n| 1 | 2 |\n\n```ts\nx\n```')
  assert.deepEqual(
    part.blocks.map(({ headerLines, language }) => [headerLines, language]),
    [
      [1, undefined],
      [undefined, 'ts'],
    ],
  )
})

test('wrapped Chinese lines join without a space', () => {
  assert.deepEqual(blocks('港口早上六点\n开门，晚上\nten 点关门。'), ['paragraph: 港口早上六点开门，晚上 ten 点关门。'])
})

test('front matter gives title and facts, and is no text', () => {
  const part = parseMarkdown(
    '---\ntitle: "The harbour: rules"\nauthor: A. Writer # me\ntags:\n  - boats\n  - fees\n---\n\nText.',
  )
  assert.equal(part.title, 'The harbour: rules')
  assert.deepEqual(part.properties, { author: 'A. Writer', tags: 'boats, fees' })
  assert.equal(part.text, 'Text.')
  assert.equal(parseMarkdown('+++\ntitle = "From TOML"\n+++\nText.').title, 'From TOML')
  assert.equal(parseMarkdown('# First heading\n\nText.').title, 'First heading')
  assert.match(parseMarkdown('---\n\nA rule opens this text.\n\n---\n\nMore.').text, /A rule opens this text/)
})

test('marks of documentation tools go, their words stay', () => {
  assert.deepEqual(
    blocks(`{{% panel header="**Fees**" %}}
Ten a day.
{{% /panel %}}

See [the page]({{< ref "fees" >}}). {{< youtube id="x" >}}

:::tip Good to know
Boats are free on Sunday.
:::

> [!NOTE]
> Bring a rope.

## Opening {#opening}

<!-- hidden words -->
Use \`{{< not a shortcode >}}\` as it is.
`),
    [
      'paragraph: Fees',
      'paragraph: Ten a day.',
      'paragraph: See the page.',
      'paragraph: Good to know Boats are free on Sunday.',
      'paragraph: Bring a rope.',
      'heading2: Opening',
      'paragraph: Use {{< not a shortcode >}} as it is.',
    ],
  )
})

test('HTML inside Markdown is read as HTML: tables are tables, scripts are nothing', () => {
  assert.deepEqual(
    blocks(`<table>
<tr><th>Boat</th><th>Fee</th></tr>

<tr><td rowspan="2">small</td><td>10</td></tr>
<tr><td>12</td></tr>
</table>

<script>alert(1)</script>

One<br>two <b>three</b> &amp; four.
`),
    ['table: | Boat | Fee |\n| small | 10 |\n| small | 12 |', 'paragraph: One\ntwo three & four.'],
  )
})

test('what interrupts a list stands alone, and the list goes on', () => {
  assert.deepEqual(blocks('- first\n\n  ```sh\n  run\n  ```\n\n  after\n- second'), [
    'list: - first',
    'code: run',
    'list: after\n- second',
  ])
})

test('GBK and CRLF files are read like others', async () => {
  const { default: iconv } = await import('iconv-lite')
  const whole = await parseBytes('港口.md', iconv.encode('# 港口\r\n\r\n早上六点开门，晚上十点关门。\r\n', 'gbk'))
  assert.deepEqual(shown(whole), ['heading1: 港口', 'paragraph: 早上六点开门，晚上十点关门。'])
  assert.equal(whole.properties['encoding'], 'gb18030')
})

test('nesting without end is kept as text instead of ending the process', () => {
  const part = parseMarkdown(`${'>'.repeat(20_000)} deep words`)
  checkBlocks(part)
  assert.match(part.text, /deep words/)
})

test('long Markdown comes in parts, none of them cut inside a fence', async () => {
  const fence = `\`\`\`\n${'# no heading\n\n'.repeat(12_000)}\`\`\`\n`
  const whole = await parseBytes('long.md', `# One\n\n${'Some words here.\n\n'.repeat(20_000)}${fence}\n# Two\n\nEnd.`)
  assert.deepEqual(
    whole.blocks.filter((block) => block.kind === 'heading').map((block) => whole.text.slice(block.start, block.end)),
    ['One', 'Two'],
  )
})

test('any text gives blocks in order that do not overlap and say something', () => {
  const piece = fc.constantFrom(
    '# ',
    '- ',
    '1. ',
    '> ',
    '|',
    '\n',
    '\n\n',
    '```',
    '`',
    '**',
    '<b>',
    '</b>',
    '<table>',
    '{{% x %}}',
    '&amp;',
    'word',
    '港口',
    '\t',
    '  ',
    '\\',
    '[',
    '](',
    ')',
    '\0',
    '\u00A0',
    '---\n',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 60 }), (pieces) => {
      checkBlocks(parseMarkdown(pieces.join('')))
    }),
    { numRuns: 300 },
  )
})
