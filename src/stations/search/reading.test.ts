// Instructions beside a question are told from it; what it names can be said otherwise.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { equivalents } from './equivalents.ts'
import { askedPart } from './instructions.ts'
import { readQuestion } from './reading.ts'

function searched(question: string): string[] {
  return readQuestion(question).tokens.map(({ term }) => term)
}

function ways(question: string): string[] {
  return equivalents(question).flatMap((one) => one.ways)
}

test('a question without instructions is asked as it stands', () => {
  for (const question of [
    'Why do locks block?',
    '什么是死锁？',
    'Give an example of a deadlock.',
    'Use of coroutines',
  ]) {
    assert.deepEqual(askedPart(question), { text: question, left: [], places: [] })
  }
})

test('a sentence that says how to answer is no part of what is asked, but names a place to look at', () => {
  const question = 'How many people left in 2020? Please answer the question from the annual report.'
  const { asked, places } = readQuestion(question)
  assert.equal(asked, 'How many people left in 2020?')
  assert.deepEqual(places, [['annual', 'report']])
  assert.ok(!searched(question).includes('answer'))
  assert.ok(searched(question).includes('report'))
})

test('an instruction in front of the question is cut where the question begins', () => {
  const question = 'Answer the following by using the balance sheet only: what are the total assets?'
  assert.equal(readQuestion(question).asked.trim(), 'what are the total assets?')
  assert.equal(readQuestion(question).places[0]?.join(' '), 'balanc sheet')
})

test('who the asked one shall be is not searched for', () => {
  const terms = searched('Imagine that you are a famous lawyer. Who may sign contracts?')
  assert.deepEqual(terms, ['sign', 'contract'])
})

test('the source of a claim stays part of the question', () => {
  const question = 'According to the 1955 review, what did savings offset?'
  assert.equal(readQuestion(question).asked, question)
  assert.deepEqual(searched(question), ['1955', 'review', 'save', 'offset'])
})

test('instructions in Chinese are told from the question as well', () => {
  const { asked, places } = readQuestion('请根据以下年报内容回答：净利润是多少？')
  assert.equal(asked, '净利润是多少？')
  assert.deepEqual(places, [['年报']])
})

test('the unit of the answer is not searched for', () => {
  assert.deepEqual(searched('What are the sales (in USD millions)?'), ['sale'])
})

test('a question that is only an instruction is searched whole', () => {
  assert.deepEqual(searched('Answer the question.'), ['answer', 'question'])
})

test('abbreviations and what they stand for are searched for together', () => {
  assert.ok(ways('What is the CapEx or capex?').includes('capital expenditure'))
  assert.ok(ways('How high was net PP&E?').includes('property, plant and equipment'))
  assert.ok(ways('What was R&D spending?').includes('research and development'))
  assert.ok(ways('Which capital expenditures were made?').includes('capex'))
})

test('an abbreviation is only one where it stands alone and as it is written', () => {
  assert.deepEqual(ways('How do I hold my breath in fx and sPPEed?'), [])
})

test('a fiscal year is searched for as a year, in all the ways it is written', () => {
  assert.deepEqual(ways('Sales in FY18?'), ['2018', 'fiscal 2018', 'FY18'])
  assert.deepEqual(ways('Sales in FY 2018?'), ['2018', 'fiscal 2018', 'FY18'])
  assert.deepEqual(ways('Sales in Q4?'), ['fourth quarter'])
})

test('names are words with a capital in front, and figures', () => {
  assert.deepEqual(readQuestion('what did Acme earn in 2021?').names, ['acm', '2021'])
})
