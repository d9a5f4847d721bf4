// What of a conversation is told in short, and how rules tell it.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Turn } from '../core/question.ts'
import type { Session } from '../stores/store.ts'
import { estimateTokens } from '../text/tokens.ts'
import { extractRecap, recapDue } from './recap.ts'

const words = (count: number): string => 'word '.repeat(count).trim()

function exchange(number: number, size = 40): Turn[] {
  const same = { at: number, answerId: `a${number}` }
  return [
    { role: 'user', text: `Question ${number}?`, ...same },
    { role: 'assistant', text: `Answer ${number}. ${words(size)}`, ...same },
  ]
}

function exchanges(count: number, size?: number): Turn[] {
  return Array.from({ length: count }, (_, at) => exchange(at, size)).flat()
}

function session(turns: Turn[], rest: Partial<Session> = {}): Session {
  return { id: 's', version: 1, updatedAt: 1, turns, ...rest }
}

describe('A recap is due', () => {
  it('when the latest turns do not fit into a prompt, and then leaves some of them', () => {
    assert.equal(recapDue(session(exchanges(7)), 8), undefined)
    const due = recapDue(session(exchanges(9)), 8)
    assert.ok(due && due.upTo === due.turns.length && due.upTo % 2 === 0)
    assert.ok(due.upTo >= 10 && due.upTo < 18)
    assert.equal(recapDue(session(exchanges(9), { recap: { text: 'x', turns: due.upTo } }), 8), undefined)
    assert.ok(recapDue(session(exchanges(3, 300)), 8))
    assert.ok(recapDue(session(exchanges(2)), 1))
  })

  it('of all turns, when the last answer alone is too long for a prompt', () => {
    assert.equal(recapDue(session([...exchanges(1), ...exchange(1, 2_000)]), 8)?.upTo, 4)
  })

  it('of those that it does not tell of yet, wherever the reading begins', () => {
    const whole = exchanges(30)
    const recap = { text: 'before', turns: 30 }
    const due = recapDue(session(whole, { recap }), 8)
    assert.equal(due?.turns[0]?.text, 'Question 15?')
    assert.deepEqual(recapDue(session(whole.slice(20), { recap, earlier: 20 }), 8), due)
    assert.equal(due.before, 'before')
  })

  it('of the newest version of each answer, however late it was made', () => {
    const again = exchange(99).map((turn) => ({ ...turn, versionOf: 'a2' }))
    const due = recapDue(session([...exchanges(20), ...again]), 8)
    const texts = due?.turns.map(({ text }) => text) ?? []
    assert.deepEqual([texts[4], texts[6]], ['Question 99?', 'Question 3?'])
    assert.equal(due?.upTo, due?.turns.length)
  })
})

describe('Rules tell in short', () => {
  it('what was asked, how answers began and what they cited, behind what was told', () => {
    const citedFirst = { documentId: 'd', passageId: 'd.1.0', start: 0, end: 4 }
    const turns: Turn[] = [
      { role: 'user', text: 'Who  approves\ntravel?', at: 1 },
      { role: 'assistant', text: 'The director [1]. And more [2].', at: 1, citedFirst },
      { role: 'tool', text: 'secret', at: 1, callId: 'c' },
      { role: 'user', text: 'And trips?', at: 1 },
      { role: 'assistant', text: 'The lead.', at: 1 },
    ]
    const before = 'The user is called Ada. She lives in Ulm.'
    assert.equal(
      extractRecap({ before, turns }, 400, () => 'travel.md'),
      'The user is called Ada.\nShe lives in Ulm.\nQ: Who approves travel?\nA: The director. (travel.md)\nQ: And trips?\nA: The lead.',
    )
  })

  it('within its tokens, however often: how it began and what was last stay', () => {
    let text = ''
    for (let round = 0; round < 20; round++)
      text = extractRecap(
        { before: text, turns: exchanges(10).map((turn) => ({ ...turn, text: `${round} ${turn.text}` })) },
        200,
      )
    assert.ok(estimateTokens(text) <= 200)
    assert.match(text, /^Q: 0 Question 0\?\n/)
    assert.match(text, /\nA: 19 Answer 9\.[^\n]*$/)
    const long = extractRecap({ before: words(5_000), turns: [] }, 60)
    assert.ok(long !== '' && estimateTokens(long) <= 60)
  })
})
