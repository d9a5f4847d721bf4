import assert from 'node:assert/strict'
import { test } from 'node:test'
import iconv from 'iconv-lite'
import { checkBlocks, parseBytes, shown } from '../../../../test/documents/parse-bytes.ts'
import { parseHtml } from './html.ts'

const page = `<!doctype html><html lang="en"><head><title>Harbour</title><style>p{color:red}</style></head><body>
<nav><a href="/">Home</a><a href="/x">Elsewhere</a></nav>
<main><h1>The harbour</h1>
<p>It opens at <b>six</b>.<br>Closed on Monday. 10<sup>6</sup> boats.</p>
<ul><li>rope<ul><li>long</li><li>short</li></ul></li><li><p>anchor</p></li></ul>
<dl><dt>Fee</dt><dd>Ten a day</dd></dl>
<table><caption>Fees</caption><thead><tr><th>Boat</th><th>Fee</th></tr></thead><tbody><tr><td>small</td><td>10</td></tr></tbody></table>
<pre><code class="language-sh">run
  now</code></pre>
<p style="display:none">secret</p><p hidden>secret</p><script>secret()</script><button>secret</button>
</main><footer>Imprint</footer></body></html>`

test('a page is its content: no navigation, no scripts, nothing hidden', () => {
  const part = parseHtml(page)
  checkBlocks(part)
  assert.deepEqual(shown(part), [
    'heading1: The harbour',
    'paragraph: It opens at six.\nClosed on Monday. 10^6 boats.',
    'list: - rope\n  - long\n  - short\n- anchor',
    'list: - Fee\n   Ten a day',
    'paragraph: Fees',
    'table: | Boat | Fee |\n| small | 10 |',
    'code: run\n  now',
  ])
  assert.equal(part.title, 'Harbour')
  assert.equal(part.properties?.['language'], 'en')
})

test('a page without structure is read from its body', () => {
  assert.deepEqual(shown(parseHtml('just <i>some</i> words<div>and a block</div>')), [
    'paragraph: just some words',
    'paragraph: and a block',
  ])
})

test('the furniture of an old page without elements for it is left out', () => {
  const links = Array.from({ length: 60 }, (_, at) => `<a href="/${at}">Section number ${at} of this site</a>`).join(
    ' ',
  )
  const words = Array.from(
    { length: 30 },
    (_, at) =>
      `<p>The harbour opens at six, says paragraph ${at}, and closes late in the evening, when the last boat is in.</p>`,
  ).join('')
  const { text } = parseHtml(
    `<title>x</title><body><div class="sidebar menu">${links}</div><div class="article content">${words}</div></body>`,
  )
  assert.match(text, /says paragraph 29/)
  assert.doesNotMatch(text, /Section number 30/)
})

test('Chinese in GBK and Big5 is read, declared or not', async () => {
  const text = '港口早上六点开门，晚上十点关门。'
  for (const head of ['', '<meta charset="gbk">'])
    assert.equal(
      (await parseBytes('a.html', iconv.encode(`<html><head>${head}</head><body><p>${text}</p></body></html>`, 'gbk')))
        .text,
      text,
    )
})

test('layout tables are read as text, data tables as rows, cells over columns and rows in place', () => {
  assert.deepEqual(shown(parseHtml('<table><tr><td><p>One</p><p>Two</p></td></tr></table>')), [
    'paragraph: One',
    'paragraph: Two',
  ])
  assert.deepEqual(
    shown(
      parseHtml(
        '<table><tr><th colspan=2>Both</th><th>C</th></tr><tr><td rowspan=2>a</td><td>1</td><td>x; y</td></tr><tr><td>2</td><td><ul><li>p</li><li>q</li></ul></td></tr></table>',
      ),
    ),
    ['table: | Both |  | C |\n| a | 1 | x; y |\n| a | 2 | p; q |'],
  )
})

test('elements nested ten thousand deep are read and the process lives', () => {
  const part = parseHtml(`${'<div>'.repeat(10_000)}deep words${'</div>'.repeat(10_000)}`)
  assert.match(part.text, /deep words/)
  assert.match(parseHtml(`${'<ul><li>'.repeat(3000)}item`).text, /item/)
  assert.match(parseHtml(`${'<table><tr><td>'.repeat(2000)}cell`).text, /cell/)
})
