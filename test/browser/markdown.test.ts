// How the page shows Markdown: as nodes, with citations and marked sentences at their places, and nothing that runs.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'

/** A node as Preact makes it, or what stands in one. */
type Shown = string | number | boolean | null | undefined | Shown[] | { type: unknown; props: Record<string, unknown> }

interface Props {
  text: string
  marks?: { start: number; end: number; class: string }[]
  citation?: (marker: number) => string
  behind?: (start: number, end: number) => string
}

describe('Markdown on the page', () => {
  let folder: string
  let markdown: (props: Props) => Shown
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'andon-markdown-'))
    await build({
      root: join(import.meta.dirname, '../../web'),
      configFile: false,
      logLevel: 'error',
      oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
      build: {
        outDir: folder,
        emptyOutDir: true,
        lib: { entry: 'src/parts/markdown.tsx', formats: ['es'], fileName: 'markdown' },
      },
    })
    ;({ Markdown: markdown } = await import(pathToFileURL(join(folder, 'markdown.js')).href))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  const shown = (text: string, more: Omit<Props, 'text'> = {}): string =>
    html(markdown({ text, citation: (marker) => `«${marker}»`, ...more }))
      .replace(/^<div class="md">/, '')
      .replace(/<\/div>$/, '')
  const mark = (text: string, part: string) => ({
    start: text.indexOf(part),
    end: text.indexOf(part) + part.length,
    class: 'unsup',
  })

  const rows: [says: string, text: string, shows: string][] = [
    ['citations, one or several', 'So [1]. And [2, 3].', '<p>So«1». And«2»«3».</p>'],
    ['Chinese citations', '第一句。[1] 第二句 [1]、[2]。', '<p>第一句。«1» 第二句«1»、«2»。</p>'],
    ['no citation in code', 'Of `a[1]`:', '<p>Of <code>a[1]</code>:</p>'],
    ['HTML as text', '<script>alert(1)</script> a <b>c', '<p>&lt;script>alert(1)&lt;/script> a &lt;b>c</p>'],
    ['no picture', '![a map](https://example.org/x.png)', '<p>a map</p>'],
    ['no link that runs', '[here](javascript:alert)', '<p>here</p>'],
    ['no link within the page', '[here](/v1/keys)', '<p>here</p>'],
    ['a definition as text', '[1]: the first.', '<p>«1»: the first.</p>'],
    ['entities and escapes as what they are', 'A &amp; B \\*c\\* &#20013;', '<p>A & B *c* 中</p>'],
    ['what is not whole yet', 'Half **bo', '<p>Half **bo</p>'],
    [
      'links outside',
      '[x](https://example.org/)',
      '<p><a href="https://example.org/" target="_blank" rel="noopener noreferrer">x</a></p>',
    ],
  ]
  for (const [says, text, shows] of rows) it(`shows ${says}`, () => assert.equal(shown(text), shows))

  it('marks a sentence across other marks', () => {
    const text = 'One [1]. Two **is bold** and ends. Three.'
    assert.equal(
      shown(text, { marks: [mark(text, 'Two **is bold** and ends.')] }),
      '<p>One«1». <span class="unsup">Two </span><strong><span class="unsup">is bold</span></strong><span class="unsup"> and ends.</span> Three.</p>',
    )
  })

  it('marks a sentence in a list, where lines are indented, and puts its note behind the list', () => {
    const text = 'Before:\n\n- one [1]\n- two\n  and this\n\nAfter.'
    const marks = [mark(text, 'and this')]
    const at = text.indexOf('and this')
    assert.equal(
      shown(text, { marks, behind: (start, end) => (start <= at && at < end ? '{note}' : '') }),
      '<p>Before:</p><ul><li>one«1»</li><li>two\n<span class="unsup">and this</span></li></ul>{note}<p>After.</p>',
    )
  })

  it('marks two sentences that touch, in a table too', () => {
    const text = '| a | b |\n|---|---|\n| x. y. | x. |'
    const first = text.indexOf('x.')
    const marks = [
      { start: first, end: first + 2, class: 'one' },
      { start: first + 2, end: first + 5, class: 'two' },
    ]
    assert.match(
      shown(text, { marks }),
      /<td><span class="one">x\.<\/span><span class="two"> y\.<\/span><\/td><td>x\.<\/td>/,
    )
  })
})

function html(shown: Shown): string {
  if (shown === null || shown === undefined || typeof shown === 'boolean') return ''
  if (Array.isArray(shown)) return shown.map(html).join('')
  if (typeof shown !== 'object') return String(shown).replaceAll('<', '&lt;')
  const { type, props } = shown
  if (typeof type === 'function') return html(type(props))
  const { children, ...attributes } = props
  const written = Object.entries(attributes).map(([name, value]) =>
    value === undefined ? '' : ` ${name}=${JSON.stringify(value)}`,
  )
  return `<${String(type)}${written.join('')}>${html(children as Shown)}</${String(type)}>`
}
