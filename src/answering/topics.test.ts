// Which headings become questions, in which language, and which rather not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Passage } from '../core/question.ts'
import { languageOf, questionsIn, topicOf } from './topics.ts'

function passage(headings: string[], text = '', title = headings[0] ?? ''): Passage {
  const place = { id: 'd.1.0', documentId: 'd', documentName: 'd.md', collection: 'default', ordinal: 0 }
  return { ...place, title, headings, kind: 'paragraph', start: 100, end: 100 + text.length, text }
}

test('asks in the language of the question, and not at all where that is another', () => {
  assert.equal(languageOf('Who approves travel?'), 'en')
  assert.equal(languageOf('谁批准 travel？'), 'zh')
  for (const other of ['Wer genehmigt die Reise über Köln?', 'Reise Genehmigung', 'кто одобряет поездки?'])
    assert.equal(languageOf(other), undefined, other)
})

test('phrases headings', () => {
  const table: [string[], 'en' | 'zh', string | undefined][] = [
    [['Travel policy', 'Booking flights'], 'en', 'What does “Travel policy” say about “Booking flights”?'],
    [['Travel policy', '2.1 How to Book a flight:'], 'en', 'How do I book a flight?'],
    [['Travel policy', 'Who approves travel?'], 'en', 'Who approves travel?'],
    [['休假制度', '第二章 病假'], 'zh', '《休假制度》关于“病假”是怎么说的？'],
    [['休假制度', '如何申请年假'], 'zh', '如何申请年假？'],
    // Not about anything, pieces of sentences, code, another language, or only the title again.
    [['Travel policy', 'Overview'], 'en', undefined],
    [['Travel policy', 'For managers'], 'en', undefined],
    [['Travel policy', 'Why we travel'], 'en', undefined],
    [['Travel policy', 'run --fast <file>'], 'en', undefined],
    [['Travel policy', 'A to F'], 'en', undefined],
    [['Travel policy', '2024'], 'en', undefined],
    [['Travel policy'], 'en', undefined],
    [['休假制度', '病假'], 'en', undefined],
    [['Travel policy', 'Booking'], 'zh', undefined],
    [[], 'en', undefined],
  ]
  for (const [headings, language, question] of table)
    assert.equal(topicOf(passage(headings), language)?.question, question, headings.join())
})

test('finds the questions that small sections begin with, but not where the citation stands', () => {
  const text =
    '什么是锁？\n\n锁保证一件事同一时刻只有一个人在做。\n\n什么是信号量？\n\n信号量让几个人同时进来，其余的等。\n\n真的吗？\n\n是。'
  const questions = (cited: number[]) => questionsIn(passage(['锁'], text), cited, 'zh').map(({ question }) => question)
  assert.deepEqual(questions([]), ['什么是锁？', '什么是信号量？'])
  assert.deepEqual(questions([100 + text.indexOf('锁保证')]), ['什么是信号量？'])
})
