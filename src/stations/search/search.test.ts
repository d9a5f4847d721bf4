import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openCall } from '../../core/call.ts'
import { one } from '../../core/station.ts'
import { ListIndex } from './list-index.fixture.ts'
import { makeQuery } from './query.ts'
import { open, Search, searchable } from './search.ts'

const index = new ListIndex([
  { text: 'The retrieval engine finds passages.', title: 'Engine' },
  { text: 'Bridges over the Rhine.', vector: [1, 0] },
  { text: 'Cheese is made of milk.', vector: [0.9, 0.1] },
  { tenant: 'other', text: 'Retreival spelled wrong, by another tenant.' },
])

const search = async (text: string, more = {}, tenant = 'default') => {
  using call = openCall({ tenant })
  return await one(new Search(index), { text, filter: {}, ...more }, call)
}

test('a question finds the passages that hold its words, best first', async () => {
  const { found, mode, query } = await search('Which engine finds passages?')
  assert.deepEqual(
    found.map(({ passage }) => passage.documentId),
    ['d0'],
  )
  assert.equal(mode, 'lexical')
  assert.equal(found[0]?.score, found[0]?.keyword)
  assert.deepEqual(
    query.terms.map(({ term, weight }) => [term, weight]),
    [
      ['engin', 1],
      ['find', 1],
      ['passag', 1],
    ],
  )
  assert.deepEqual(structuredClone(query), query)
})

test('rare words weigh more than frequent ones, and words that are everywhere still weigh something', async () => {
  const query = await makeQuery(index, 'default', 'cheese passages xyz12')
  const idf = new Map(query.terms.map((term) => [term.term, term.idf]))
  assert.ok((idf.get('xyz12') ?? 0) > (idf.get('chees') ?? 0))
  assert.ok([...idf.values()].every((value) => value >= 0.05))
})

test('a typo is repaired with words of the same tenant only', async () => {
  const { query, found } = await search('retreival')
  assert.deepEqual(query.repaired, { retreival: ['retriev'] })
  assert.equal(query.terms[0]?.weight, 0.7)
  assert.equal(found[0]?.passage.documentId, 'd0')
  const elsewhere = await search('retreival', {}, 'other')
  assert.deepEqual(elsewhere.query.repaired, {})
  assert.deepEqual((await search('bridges', {}, 'nobody')).found, [])
})

test('other wordings add words that count less, where passages hold them', async () => {
  const { query } = await search('milk', { alternatives: ['milk dairy cheese'] })
  assert.deepEqual(
    query.terms.map(({ term, weight }) => [term, weight]),
    [
      ['milk', 1],
      ['chees', 0.4],
    ],
  )
})

test('what was added beside a question does not make its answers incomplete', async () => {
  const { query } = await search('milk', { alternatives: ['cheese'] })
  const [milk] = query.terms
  assert.equal(query.total, milk?.idf)
})

test('an abbreviation that no passage holds is searched for by what it stands for', async () => {
  const books = new ListIndex([{ text: 'Property, plant and equipment rose.' }, { text: 'Snow fell.' }])
  const { text, terms } = await makeQuery(books, 'default', 'How high is net PPNE?')
  assert.equal(text, 'How high is net property, plant and equipment?')
  assert.deepEqual(terms.map(({ term }) => term).sort(), ['equip', 'high', 'net', 'plant', 'properti'])
})

test('an abbreviation that is unknown in every way stays, as missing', async () => {
  const { text, terms } = await makeQuery(index, 'default', 'How high is PPNE?')
  assert.equal(text, 'How high is PPNE?')
  assert.deepEqual(
    terms.map(({ term }) => term),
    ['high', 'ppne'],
  )
})

test('with a vector, passages that share no word are found too', async () => {
  const { found, mode } = await search('Rhine', { vector: Float32Array.of(1, 0), generation: 'g' })
  assert.equal(mode, 'hybrid')
  assert.deepEqual(
    found.map(({ passage }) => passage.documentId),
    ['d1', 'd2'],
  )
  assert.equal(found[0]?.vector, 1)
  assert.equal(found[1]?.keyword, undefined)
})

test('a question without words asks the index for nothing', async () => {
  const { found } = await search('?!')
  assert.deepEqual(found, [])
})

test('frequent terms are left out of the search of a large collection, unless nothing else is left', () => {
  const term = (name: string, idf: number) => ({ term: name, weight: 1, idf })
  const query = (passages: number, terms: ReturnType<typeof term>[]) => ({
    text: '',
    terms,
    total: 1,
    pairs: [],
    numbers: [],
    names: [],
    places: [],
    repaired: {},
    statistics: { passages, averageLength: 100 },
  })
  const mixed = [term('rare', 8), term('known', 4), term('common', 0.3)]
  const names = (passages: number, terms = mixed) => searchable(query(passages, terms)).map(({ term }) => term)
  assert.deepEqual(names(19_999), ['rare', 'known', 'common'])
  assert.deepEqual(names(20_000), ['rare', 'known'])
  assert.deepEqual(names(20_000, mixed.slice(1)), ['known', 'common'])
})

test('a cancelled call ends the search with its reason', async () => {
  const controller = new AbortController()
  controller.abort()
  using call = openCall({ tenant: 'default', signal: controller.signal })
  await assert.rejects(one(new Search(index), { text: 'engine', filter: {} }, call), { code: 'cancelled' })
})

test('the station is made from a recipe of its index and closes it', async () => {
  const module = new URL('./list-index.fixture.ts', import.meta.url).href
  await using station = await open({ index: { module, export: 'openListIndex', options: [{ text: 'one red fox' }] } })
  using call = openCall({ tenant: 'default' })
  const { found } = await one(station, { text: 'fox', filter: {} }, call)
  assert.equal(found[0]?.passage.text, 'one red fox')
  await assert.rejects(open({ index: { module, export: 'missing', options: null } }), /no function missing/)
  const own = new ListIndex([])
  await new Search(own)[Symbol.asyncDispose]()
  assert.equal(own.closed, true)
})
