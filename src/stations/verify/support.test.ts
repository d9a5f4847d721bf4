import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkSentence } from './check.ts'
import { check, passage } from './passage.fixture.ts'

test('two passages together may bear out what neither does alone', () => {
  const checked = check(
    'The Leeds factory opened in 1962 and the York factory in 1971.',
    passage('a', 'The Leeds factory opened in 1962.'),
    passage('b', 'The York factory opened in 1971.'),
  )
  assert.equal(checked.supported, true)
  assert.deepEqual(
    checked.citations.map(({ holds }) => holds),
    [true, true],
  )
})

test('of two cited passages, the one that has nothing to do with the sentence is left out', () => {
  const checked = check(
    'The Leeds factory opened in 1962.',
    passage('a', 'The Leeds factory opened in 1962.'),
    passage('b', 'Bananas ripen in paper bags.'),
  )
  assert.equal(checked.supported, true)
  assert.deepEqual(
    checked.citations.map(({ holds }) => holds),
    [true, false],
  )
})

test('a figure of a table is read in the scale that its header states', () => {
  const table = passage('a', '| Revenue | 1,577 |', { kind: 'table', prefix: '| (in millions) | 2019 |' })
  assert.equal(check('Revenue in 2019 was 1.577 billion.', table).supported, true)
  assert.equal(check('Revenue in 2019 was 1.877 billion.', table).supported, false)
})

test('a rounded figure holds only when the sentence says that it is rounded', () => {
  const source = passage('a', 'The river is 1,987 km long.')
  assert.equal(check('The river is about 2,000 km long.', source).supported, false, 'one digit says too little')
  assert.equal(check('The river is about 1,990 km long.', source).supported, true)
  assert.equal(check('The river is 1,990 km long.', source).supported, false)
})

test('dates hold across languages and notations', () => {
  const source = passage('a', '合同于2019年3月5日签署。')
  assert.equal(check('The contract was signed on 5 March 2019.', source).supported, true)
  assert.equal(check('The contract was signed on 6 March 2019.', source).supported, false)
})

test('Traditional and Simplified Chinese bear each other out', () => {
  assert.equal(check('線程共享記憶體空間。', passage('a', '线程共享记忆体空间。')).supported, true)
})

test('a name may stand in the title of the passage', () => {
  const source = passage('a', 'It was founded in Leeds and makes wire.', { title: 'Acme Wire Works' })
  assert.equal(check('Acme Wire Works was founded in Leeds and makes wire.', source).supported, true)
})

test('a sentence that cites nothing is matched to the passage that says it', () => {
  const passages = [passage('a', 'Bananas ripen in paper bags.'), passage('b', 'The Leeds factory opened in 1962.')]
  const checked = checkSentence({ sentence: 'The Leeds factory opened in 1962.', cited: [], passages })
  assert.equal(checked.supported, true)
  assert.equal(checked.suggestion?.passageId, 'b')
})

test('a sentence that cites nothing and stands in no passage is marked', () => {
  const checked = checkSentence({
    sentence: 'The York factory opened in 1971.',
    cited: [],
    passages: [passage('b', 'The Leeds factory opened in 1962.')],
  })
  assert.equal(checked.supported, false)
  assert.ok(checked.problems.includes('It cites no passage.'))
  assert.ok(checked.problems.includes('No passage holds the number 1971.'), checked.problems.join())
})

test('the span is the sentence that says most of it, in the document', () => {
  const text = 'Acme makes wire. The Leeds factory opened in 1962. The roof leaked.'
  const [citation] = check(
    'The factory in Leeds opened in 1962.',
    passage('a', text, { start: 500, end: 500 + text.length }),
  ).citations
  assert.ok(citation)
  assert.equal(text.slice(citation.start - 500, citation.end - 500), 'The Leeds factory opened in 1962.')
})
