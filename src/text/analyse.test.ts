import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { analyse, foldHan, isStopWord, questionTokens } from './analyse.ts'

const terms = (text: string) => analyse(text).map(({ term }) => term)
const asked = (text: string) => questionTokens(text).map(({ term }) => term)

test('English words become stems in lower case', () => {
  assert.deepEqual(terms('Running engines, RAN connections'), ['run', 'engin', 'ran', 'connect'])
  assert.equal(analyse('Connections')[0]?.raw, 'connections')
})

test('numbers stay whole, with or without separators', () => {
  assert.deepEqual(terms('1,234,567.5 and 3.14 in 2024'), ['1234567.5', 'and', '3.14', 'in', '2024'])
  assert.deepEqual(
    analyse('v2.0.1').map(({ kind }) => kind),
    ['joined', 'word', 'part', 'part', 'number', 'number'],
  )
})

test('compounds are found whole and by their parts', () => {
  assert.deepEqual(terms('e-mail'), ['email', 'e', 'mail'])
  assert.deepEqual(terms('createFactory'), ['createfactori', 'creat', 'factori'])
  assert.deepEqual(terms("the team's"), ['the', 'team'])
  assert.deepEqual(terms('and/or'), ['and', 'or'])
})

test('accents, width and typographic signs do not matter', () => {
  assert.deepEqual(terms('Zürich café'), terms('Zurich cafe'))
  assert.deepEqual(terms('cafe\u0301'), terms('café'))
  assert.deepEqual(terms('ＡＢＣ１２３'), terms('abc123'))
  assert.deepEqual(terms('don’t'), terms("don't"))
  assert.deepEqual(terms('re‑use'), terms('re-use'))
})

test('Chinese is found by words, the words inside them and pairs of characters', () => {
  const tokens = analyse('中华人民共和国')
  assert.deepEqual(tokens[0], { term: '中华人民共和国', start: 0, end: 7, kind: 'word' })
  assert.ok(tokens.some(({ term, kind }) => term === '共和国' && kind === 'part'))
  assert.ok(tokens.some(({ term, kind }) => term === '民共' && kind === 'bigram'))
})

test('Traditional and Simplified Chinese have the same terms', () => {
  assert.deepEqual(terms('資料庫與網絡'), terms('资料库与网络'))
  assert.equal(foldHan('這裡說的是 Café 與 ＡＢＣ'), '这里说的是 Café 与 ＡＢＣ')
})

test('Chinese and English side by side are taken apart', () => {
  const found = terms('使用GPT4模型和SQLite數據庫')
  for (const term of ['使用', 'gpt', '4', '模型', 'sqlite', '数据库']) assert.ok(found.includes(term), term)
})

test('a question loses the words that only ask, unless it has nothing else', () => {
  assert.deepEqual(asked('What is the height of the tower?'), ['height', 'tower'])
  assert.deepEqual(asked('这座塔的高度是多少？').includes('的'), false)
  assert.ok(asked('这座塔的高度是多少？').includes('高度'))
  assert.deepEqual(asked('who is it'), ['who', 'is', 'it'])
  assert.deepEqual(analyse('the tower').map(isStopWord), [true, false])
})

test('ideographs beyond the basic plane are never cut in two', () => {
  const text = '𠮷野家在𠮷祥寺'
  for (const { term, start, end } of analyse(text)) {
    assert.equal(text.slice(start, end), term)
    assert.ok(term.isWellFormed(), term)
  }
  assert.ok(terms(text).includes('野家'))
})

test('broken surrogates, emoji and control characters are passed over', () => {
  assert.deepEqual(terms('a\ud800b \udc00c 😀 \0 d'), ['a', 'b', 'c', 'd'])
  assert.deepEqual(terms(''), [])
})

const mixed = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...Array.from('aBz09 .,-_\'’/&%éßŁıİΣя中華國家的数据库々〇\ud842\udfb7\ud83d\ude00\n"')),
    fc.constantFrom('𠮷', '😀', 'Ａ', 'ﬁ', 'e\u0301', '한국', 'かな', 'ไทย'),
    fc.string({ unit: 'binary', maxLength: 3 }),
  ),
  maxLength: 60,
})

test('any text: offsets lie inside, tokens come in order, and no term holds a space or a quotation mark', () => {
  fc.assert(
    fc.property(mixed, (text) => {
      let before = 0
      for (const { term, start, end } of analyse(text)) {
        assert.ok(start >= before && start < end && end <= text.length)
        before = start
        assert.match(term, /^[^\s"]+$/u)
      }
    }),
  )
})

test('any text: terms do not depend on what stands around them', () => {
  fc.assert(
    fc.property(mixed, (text) => {
      assert.deepEqual(
        analyse(`${text}\n${text}`)
          .slice(-analyse(text).length || Infinity)
          .map(({ term }) => term),
        terms(text),
      )
    }),
  )
})

test('any text: a long one has the same terms as a short one', () => {
  const long = 'x '.repeat(20_000)
  fc.assert(
    fc.property(mixed, (text) => {
      assert.deepEqual(terms(long + text).slice(20_000), terms(text))
    }),
    { numRuns: 20 },
  )
})
