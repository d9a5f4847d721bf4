import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { LinkFilter } from './links.ts'

const sources = ['See https://example.org/docs/start for more, or www.example.org.', 'Where is http://asked.example/?']

function filtered(answer: string, size = Infinity): { text: string; removed: number } {
  const filter = new LinkFilter(sources)
  let text = ''
  for (let at = 0; at < answer.length; at += size) text += filter.push(answer.slice(at, at + size))
  text += filter.end()
  return { text, removed: filter.removed }
}

test('an answer without links stays as it is', () => {
  for (const answer of [
    'Plain text [1]. More [2][3].',
    '列表：[1]、[2]。',
    'a[0] = b[1]; // c: d',
    'Ratio 3:1, at 10:30, e.g. http is a protocol!',
    '- [ ] task\n- [x] done',
    'broken [bracket and ![image',
  ])
    for (const size of [1, 3, Infinity]) assert.deepEqual(filtered(answer, size), { text: answer, removed: 0 })
})

test('an image becomes its description, so that nothing is loaded', () => {
  assert.deepEqual(filtered('Look: ![a chart](https://evil.example/p.png?q=secret) [1].'), {
    text: 'Look: a chart [1].',
    removed: 1,
  })
  assert.equal(filtered('![](https://example.org/docs/start)').text, '')
})

test('a link to an address that no passage holds becomes its words', () => {
  assert.equal(filtered('Go [here](https://evil.example/?q=secret "now") now.').text, 'Go here now.')
  assert.equal(filtered('[![x](https://evil.example/a)](https://evil.example/b)').text, 'x')
  assert.equal(filtered('[docs](//evil.example/a)').text, 'docs')
  assert.equal(filtered('[run](javascript:alert(1))').text, 'run')
})

test('an address that a passage or the question holds may be said', () => {
  assert.deepEqual(filtered('See https://example.org/docs/start.'), {
    text: 'See https://example.org/docs/start.',
    removed: 0,
  })
  assert.equal(filtered('[docs](https://example.org/docs/start)').text, 'docs (https://example.org/docs/start)')
  assert.equal(filtered('It is http://asked.example/ [1]').text, 'It is http://asked.example/ [1]')
})

test('an address that begins or ends like a known one is another address', () => {
  for (const url of [
    'https://example.org/docs/start?q=secret',
    'https://example.org/docs/sta',
    'https://example.org',
    'https://example.org.evil.example/',
  ])
    assert.deepEqual(filtered(`x ${url} y`), { text: 'x […] y', removed: 1 }, url)
})

test('bare addresses of any scheme are taken out', () => {
  for (const url of [
    'http://evil.example/x',
    'HTTPS://EVIL.example',
    'ftp://evil.example',
    'www.evil.example/?a=b',
    'data:text/html,x',
  ])
    assert.equal(filtered(`See ${url}, please.`).removed, 1, url)
})

test('a citation that was made a link is a citation', () => {
  assert.equal(filtered('Yes [1](https://evil.example).').text, 'Yes [1].')
})

test('how the answer is cut into pieces changes nothing', () => {
  const piece = fc.constantFrom(
    'Text ',
    '[1]',
    '[',
    ']',
    '(',
    ')',
    '!',
    '![a](http://evil.example/x)',
    '[b](https://example.org/docs/start)',
    'https://example.org/docs/start',
    ' www.evil.example ',
    'word',
    '世界',
    '\n',
    'http',
    '://',
    'a.b',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 5 }), (pieces, size) => {
      const answer = pieces.join('')
      const { text } = filtered(answer, size)
      assert.equal(text, filtered(answer).text)
      assert.doesNotMatch(text, /:\/\/evil/)
    }),
  )
})
