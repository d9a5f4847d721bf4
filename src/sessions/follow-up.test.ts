import assert from 'node:assert/strict'
import { test } from 'node:test'
import { betterOf, resolveFollowUp } from './follow-up.ts'
import type { Turn } from '../core/question.ts'

const after = (text: string, resolved?: string): Turn[] => [
  { role: 'user', text, at: 1, ...(resolved === undefined ? {} : { resolved }) },
  { role: 'assistant', text: 'It is so. [1]', at: 2, cited: ['d.1.0'] },
]

test('the first question of a conversation stands alone', () => {
  assert.deepEqual(resolveFollowUp('And the next one?', []), {
    resolved: 'And the next one?',
    followUp: false,
    alternatives: [],
  })
})

test('a pointing question takes the question before, and says which way it points', () => {
  const earlier = 'What is the limit for books?'
  const expected: [string, string | undefined][] = [
    ['And for the next one?', 'next'],
    ['What about the one after that?', 'next'],
    ['What about the one below it?', 'next'],
    ['And the one above?', 'previous'],
    ['And the last one?', 'last'],
    ['And the first one?', 'first'],
    ['下一个呢？', 'next'],
    ['那上一項呢？', 'previous'],
    ['最后一个呢？', 'last'],
    ['第一个呢？', 'first'],
  ]
  for (const [question, navigation] of expected) {
    const found = resolveFollowUp(question, after(earlier))
    assert.equal(found.followUp, true, question)
    assert.equal(found.navigation, navigation, question)
    assert.equal(found.resolved, earlier, question)
    assert.deepEqual(found.alternatives, [], 'it has nothing to search for by itself')
  }
})

test('its own words are added', () => {
  const found = resolveFollowUp('For the next item, are family plans covered?', after('What is the limit for phones?'))
  assert.equal(found.resolved, 'What is the limit for phones? family plans covered')
  assert.equal(found.navigation, 'next')
})

test('a part of the same kind is exchanged', () => {
  const expected: [string, string, string][] = [
    ['What is the channel for the CEO?', 'And for the CFO?', 'What is the channel for the CFO?'],
    ['What was the revenue in 2019?', 'And in 2020?', 'What was the revenue in 2020?'],
    ['2019年的收入是多少？', '那2020年呢？', '2020年的收入是多少？'],
    ['What is the limit for books?', 'What about laptops?', 'What is the limit for laptops?'],
    ['Where was Ada Lovelace born?', 'And Charles Babbage?', 'Where was Charles Babbage born?'],
  ]
  for (const [earlier, question, resolved] of expected) {
    assert.equal(resolveFollowUp(question, after(earlier)).resolved, resolved)
  }
})

test('what the question before stood for is taken, not its words', () => {
  const found = resolveFollowUp('And the next one?', after('And the next one?', 'What is the limit for books?'))
  assert.equal(found.resolved, 'What is the limit for books?')
})

test('a whole question stands alone', () => {
  for (const question of [
    'What is the capital of the northern province?',
    'How do worker threads share memory?',
    'What is Andon?',
    '什么是死锁？',
    '进程和线程的区别是什么？',
  ]) {
    assert.deepEqual(
      resolveFollowUp(question, after('What is the limit for books?')),
      { resolved: question, followUp: false, alternatives: [] },
      question,
    )
  }
})

test('a longer question with a pronoun is asked as it is, with the joined reading beside it', () => {
  const found = resolveFollowUp('When did they finally open their second research office?', after('Who founded Acme?'))
  assert.equal(found.resolved, 'When did they finally open their second research office?')
  assert.equal(found.followUp, true)
  assert.deepEqual(found.alternatives, ['Who founded Acme? When did they finally open their second research office?'])
})

test('the better reading wins only with a lead, and the first among equals', () => {
  const first = { score: 1, name: 'rules' }
  assert.equal(betterOf([first, { score: 1.4, name: 'as asked' }]).name, 'rules')
  assert.equal(betterOf([first, { score: 1.6, name: 'as asked' }]).name, 'as asked')
  assert.equal(betterOf([first, { score: 2, name: 'second' }, { score: 2, name: 'third' }]).name, 'second')
})
