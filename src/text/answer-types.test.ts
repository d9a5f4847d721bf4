import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerTypes, typeScore, typedSpans } from './answer-types.ts'
import { foldHan } from './han-folding.ts'

test('a question says what kind of thing it asks for', () => {
  const expected: [string, string | undefined][] = [
    ['When was the bridge opened?', 'date'],
    ['In what year did the war end?', 'date'],
    ['How many people live there?', 'number'],
    ['How much does the ticket cost?', 'money'],
    ['What percentage of users left?', 'percent'],
    ['How long does the lease last?', 'duration'],
    ['How tall is the tower?', 'measure'],
    ['Who wrote the report?', 'person'],
    ['Where is the office?', 'place'],
    ['Why does the queue refuse work?', 'reason'],
    ['How do I restart a worker?', 'manner'],
    ['List the options.', undefined],
    ['这座桥是哪一年建成的？', 'date'],
    ['門票多少錢？', 'money'],
    ['这本书的作者是谁？', 'person'],
    ['总部在哪里？', 'place'],
    ['為什麼天空是藍色的？', 'reason'],
    ['如何重启进程？', 'manner'],
    ['什么是死锁？', 'definition'],
    ['人口有多少？', 'number'],
  ]
  for (const [question, type] of expected) assert.equal(answerTypes(question)[0], type, question)
})

test('a more general type follows as second choice', () => {
  assert.deepEqual(answerTypes('How long does the lease last?'), ['duration', 'number'])
})

test('a sentence that holds the type scores 1, one that holds only the second type 0.6, else 0', () => {
  const question = 'How long does the lease last?'
  const types = answerTypes(question)
  assert.equal(typeScore(types, question, 'It is renewed after 30 seconds.'), 1)
  assert.equal(typeScore(types, question, 'It is renewed 4 times.'), 0.6)
  assert.equal(typeScore(types, question, 'It is renewed.'), 0)
})

test('what the question says already is no answer', () => {
  const question = 'What happened to Ada Lovelace in 1843, and when?'
  assert.equal(typeScore(['date'], question, 'In 1843 she published.'), 0)
  assert.equal(typeScore(['date'], question, 'In 1852 she died.'), 1)
})

test('Traditional Chinese is found when folded', () => {
  const question = foldHan('票價多少錢？')
  assert.equal(typeScore(answerTypes(question), question, foldHan('成人票價為二百元。')), 1)
})

test('spans point at the text that was found', () => {
  const sentence = '它于1998年4月成立。'
  const spans = typedSpans('date', '何时成立？', sentence)
  assert.ok(spans.length > 0)
  for (const span of spans) assert.equal(sentence.slice(span.start, span.start + span.text.length), span.text)
})
