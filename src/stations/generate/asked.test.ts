// What only asks is told from what is asked about, in English and Chinese, and a short question is not refused for it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutAsking } from './asked.ts'
import { confidenceOf, refusalScore } from './refusal.ts'
import { analyse } from '../../text/analyse.ts'
import { rank } from '../rerank/rank.ts'
import { plainQuery } from '../search/query.ts'
import { passage } from '../verify/passage.fixture.ts'

/** A query over a hundred passages, of which one holds what this text says. */
function queryFor(question: string, text: string) {
  const frequencies = new Map(analyse(text).map(({ term }) => [term, 1]))
  return plainQuery(question, { passages: 100, averageLength: 50, frequencies })
}

const termsLeft = (question: string, text: string) =>
  withoutAsking(queryFor(question, text)).terms.map(({ term }) => term)

test('words that only ask for a kind of answer are left out', () => {
  assert.deepEqual(termsLeft('How many days of leave do I get?', 'Staff have 25 days of leave.'), ['dai', 'leav'])
  assert.deepEqual(termsLeft('安装多少钱？', '安装 120'), ['安装'])
  assert.deepEqual(termsLeft('安裝多少錢？', '安装 120'), ['安装'])
})

test('a Chinese word across their edge is left out when no passage holds it, and kept when one does', () => {
  const text = '全职员工每年享有15天带薪年假。'
  assert.ok(!termsLeft('我有多少天年假？', text).includes('天年'))
  assert.ok(termsLeft('我有多少天年假？', text).includes('年假'))
  assert.ok(termsLeft('有多少人口？', '人口一百万。').includes('人口'))
})

test('the total is that of the terms that are left', () => {
  const { terms, total } = withoutAsking(queryFor('How much leave do we want?', 'Staff have 25 days of leave.'))
  const sum = terms.reduce((all, { weight, idf }) => all + weight * idf, 0)
  assert.ok(Math.abs(total - sum) < 1e-9)
})

test('a question without such words, or of nothing else, stays as it is', () => {
  for (const question of ['When did the factory open?', 'How much?', '多少钱？', '第一座工厂何时开业？']) {
    const query = queryFor(question, 'The factory.')
    assert.equal(withoutAsking(query), query, question)
  }
})

/** How sure one passage among a hundred makes the answer. */
function confidence(question: string, text: string) {
  const query = queryFor(question, text)
  const held = new Set(analyse(text).map(({ term }) => term))
  const keyword = query.terms.reduce((sum, { term, weight, idf }) => sum + (held.has(term) ? weight * idf : 0), 0)
  const [first] = rank(query, [{ passage: passage('d', text), score: keyword, keyword }]).ranked
  assert.ok(first)
  return confidenceOf(refusalScore({ query, first, margin: 0.5 }))
}

test('a short question is not refused for the words that only ask', () => {
  const leave = '全职员工每年享有15天带薪年假。'
  assert.notEqual(confidence('我有多少天年假？', leave), 'refused')
  assert.notEqual(confidence('我今年有多少天年假？', leave), 'refused')
  assert.notEqual(
    confidence('How much leave do I get?', 'Full-time staff have 25 days of paid leave a year.'),
    'refused',
  )
  assert.equal(confidence('我有多少天婚假？', leave), 'refused')
  assert.equal(confidence('How much is an oak table?', 'Full-time staff have 25 days at an oak desk.'), 'refused')
})
