import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { openCall } from '../../core/call.ts'
import { one } from '../../core/station.ts'
import type { Found } from '../../core/question.ts'
import { plainQuery } from '../search/query.ts'
import { lettersOf, Wording } from './common-text.ts'
import { passageTerms, PassageTermsCache } from './passage-terms.ts'
import { rank } from './rank.ts'
import { open } from './rerank.ts'

function found(text: string, score = 1, title = ''): Found {
  const passage = {
    id: text,
    documentId: text,
    documentName: text,
    title,
    collection: '',
    headings: [],
    kind: 'paragraph' as const,
    ordinal: 0,
    start: 0,
    end: text.length,
    text,
  }
  return { passage, score, keyword: score }
}

function query(text: string, frequencies: Record<string, number> = {}) {
  return plainQuery(text, { passages: 100, averageLength: 20, frequencies: new Map(Object.entries(frequencies)) })
}

const texts = (ranked: Found[]) => ranked.map(({ passage }) => passage.text)

test('the passage whose words stand together wins over one where they are scattered', () => {
  const together = 'The suspension bridge was opened in 1931. It is long.'
  const scattered = 'A bridge. Many people came in 1931. The office was opened. Suspension of belief.'
  const { ranked, margin } = rank(query('When was the suspension bridge opened?'), [found(scattered), found(together)])
  assert.deepEqual(texts(ranked), [together, scattered])
  assert.equal(ranked[0]?.score, 1)
  assert.ok(Math.abs(margin - (1 - (ranked[1]?.score ?? 0))) < 1e-12)
})

test('a rare word counts for more than a frequent one', () => {
  const asked = query('azimuth report', { azimuth: 1, report: 90 })
  const { ranked } = rank(asked, [found('a report on things'), found('an azimuth of things')])
  assert.equal(ranked[0]?.passage.text, 'an azimuth of things')
})

test('title and headings count for what the text does not repeat', () => {
  const inTitle = found('It was opened in 1931.', 1, 'Golden Bridge')
  const { ranked } = rank(query('When was the golden bridge opened?'), [found('It was opened in 1931, too.'), inTitle])
  assert.equal(
    ranked[0],
    ranked.find(({ passage }) => passage.title !== ''),
  )
  assert.ok((ranked[0]?.features.titleCov ?? 0) > 0.5)
})

test('Chinese is ranked by what the question has in common with the text, in either script', () => {
  const right = '這座跨海大橋於一九九八年正式通車。'
  const { ranked } = rank(query('跨海大桥是哪一年通车的？'), [found('大海很宽，桥很多，年年如此。'), found(right)])
  assert.equal(ranked[0]?.passage.text, right)
  assert.ok((ranked[0]?.features.charNgram ?? 0) > (ranked[1]?.features.charNgram ?? 1))
})

test('features are shares, whatever the texts', () => {
  const text = fc.string({
    unit: fc.constantFrom(...Array.from('abc 大桥。1.\n?'), '𠮷', ' bridge ', ' 1931 '),
    maxLength: 80,
  })
  fc.assert(
    fc.property(text, fc.array(text, { minLength: 1, maxLength: 8 }), (asked, passages) => {
      const { ranked } = rank(
        query(asked),
        passages.map((passage, at) => found(passage, 1 / (at + 1))),
      )
      assert.equal(ranked.length, passages.length)
      for (const { features, score } of ranked) {
        for (const [name, value] of Object.entries(features)) {
          assert.ok(value >= 0 && value <= 1.48, `${name} is ${value}`)
        }
        assert.ok(score >= 0 && score <= 1 + 1e-9)
      }
    }),
  )
})

test('what many of the best passages have in common decides when they seem equal', () => {
  const others = ['cards', 'noses', 'teeth', 'ships', 'chess', 'music', 'loans'].map((kind) =>
    found(`the bridge of ${kind}`),
  )
  const river = ['north', 'south', 'west', 'east', 'town'].map((place) => found(`the bridge over river ${place}`))
  const mixed = others.flatMap((other, index) => [other, ...river.slice(index, index + 1)])
  const { ranked } = rank(query('bridge'), mixed)
  assert.deepEqual(new Set(texts(ranked.slice(0, 5))), new Set(texts(river)))
  const without = rank(query('bridge'), mixed, { feedback: false })
  assert.notDeepEqual(new Set(texts(without.ranked.slice(0, 5))), new Set(texts(river)))
})

test('what only the vectors know is not lost', () => {
  const [near, worded] = [found('Felines sleep all day.', 1), found('A cat naps? No: a cat scan.', 0.5)]
  const asked = query('Do cats nap?')
  assert.equal(rank(asked, [near, worded]).ranked[0]?.passage, worded.passage)
  near.vector = 0.9
  const { ranked } = rank(asked, [near, { ...worded, score: 0.2 }])
  assert.equal(ranked[0]?.passage, near.passage)
})

test('nothing found is nothing ranked', () => {
  assert.deepEqual(rank(query('bridge'), []), { ranked: [], margin: 0 })
})

test('a repeated header row belongs to the passage', () => {
  const row = found('Enable trust | 4')
  row.passage.prefix = 'Output | Security department'
  const { ranked } = rank(query('What is the output of security?'), [found('Enable trust | 5'), row])
  assert.equal(ranked[0]?.passage.prefix, 'Output | Security department')
})

test('the station answers once, also from passages it has kept', async () => {
  using call = openCall({ tenant: 'default' })
  const station = open({ keep: 2 })
  const input = { query: query('red fox'), found: [found('a red house'), found('the red fox'), found('grey')] }
  const first = await one(station, input, call)
  assert.deepEqual(await one(station, structuredClone(input), call), first)
  assert.deepEqual(texts(first.ranked)[0], 'the red fox')
})

test('the cache forgets what was not used for longest', () => {
  const cache = new PassageTermsCache(2)
  const [a, b, c] = [found('a').passage, found('b').passage, found('c').passage]
  const kept = cache.of(a)
  cache.of(b)
  assert.equal(cache.of(a), kept)
  const second = cache.of(b)
  cache.of(a)
  cache.of(c)
  assert.equal(cache.of(a), kept)
  assert.notEqual(cache.of(b), second)
})

test('the terms of a passage are sorted and know their sentence', () => {
  const terms = passageTerms({ id: 'x', title: 'T', text: 'One fox. Two foxes. 三只狐狸。' })
  assert.deepEqual(
    [...terms.hashes].sort((left, right) => left - right),
    [...terms.hashes],
  )
  assert.equal(terms.sentences.length, 3)
  assert.deepEqual(new Set(terms.sentenceOf), new Set([0, 1, 2]))
})

test('any question and text: pieces and longest stretch are what comparing letter by letter finds', () => {
  const text = fc.string({ unit: fc.constantFrom(...Array.from('abcd'), 'e', '桥', '海'), maxLength: 40 })
  fc.assert(
    fc.property(text, text, (question, other) => {
      const piece = /[\u3400-\u9fff]/.test(question) ? 2 : 4
      let held = 0
      let longest = 0
      for (let start = 0; start < question.length; start++) {
        if (start + piece <= question.length && other.includes(question.slice(start, start + piece))) held++
        while (start + longest < question.length && other.includes(question.slice(start, start + longest + 1)))
          longest++
      }
      const total = question.length - piece + 1
      const common = new Wording(question).compare(lettersOf(other))
      assert.equal(common.pieces, total > 0 ? held / total : 0)
      assert.equal(common.longest, question.length > 0 ? longest / question.length : 0)
    }),
    { numRuns: 500 },
  )
})

test('of two passages that say the same, the one in the language of the question comes first', () => {
  const english = 'Andon locks: see lock.ts of Andon.'
  const chinese = 'Andon 的锁：见 Andon 的 lock.ts。'
  const first = (text: string) => rank(query(text), [found(english), found(chinese)]).ranked[0]?.passage.text
  assert.equal(first('Where is lock.ts of Andon?'), english)
  assert.equal(first('Andon 的 lock.ts 在哪里？'), chinese)
})
