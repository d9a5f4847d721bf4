// The suite of every PassageIndex: BM25 and vectors, filters that never return too few, and words of one tenant only.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { acceptText, find, load, publishText, take, terms, vectorOf } from './fixtures.ts'
import type { OpenStores } from './fixtures.ts'
import type { Stores } from '../stores/store.ts'

/** Gives every passage that lacks one the vector that `make` says. */
export async function embedAll(
  stores: Stores,
  generation: string,
  make: (text: string, at: number) => Float32Array,
): Promise<number> {
  let done = 0
  for (;;) {
    const rows = await stores.library.withoutVectors(generation, 100)
    if (rows.length === 0) return done
    await stores.library.putVectors(
      generation,
      rows.map(({ rowId, text }, at) => ({ rowId, vector: make(text, done + at) })),
    )
    done += rows.length
  }
}

export function indexContract(name: string, open: OpenStores): void {
  const filler = Array.from({ length: 30 }, (_, at) => `filler number${at}`).join('\n')

  describe(`${name} finds passages`, () => {
    it('ranks by BM25, the title counting double', async () => {
      await using stores = await open()
      await load(stores, { name: 'filler.txt', text: filler })
      await load(stores, { name: 'body.txt', text: 'a lock guards it\nlock lock lock' })
      await load(stores, { name: 'title.txt', text: 'of something', title: 'lock' })
      const hits = await stores.index.keyword('ours', terms('lock'), {}, 10)
      const passages = await stores.index.passages(
        'ours',
        hits.map(({ rowId }) => rowId),
      )
      assert.deepEqual(
        passages.map(({ text }) => text),
        ['lock lock lock', 'of something', 'a lock guards it'],
      )
      assert.ok(hits.every(({ score }, at) => score > 0 && score <= (hits[at - 1]?.score ?? Infinity)))
    })

    it('counts light terms half', async () => {
      await using stores = await open()
      await load(stores, { name: 'a.txt', text: `${filler}\nheavy word\nlight word` })
      const weighted = [
        { term: 'light', weight: 0.5 },
        { term: 'heavy', weight: 1 },
      ]
      const hits = await stores.index.keyword('ours', weighted, {}, 2)
      const [heavy, light] = hits
      assert.ok(heavy && light)
      assert.ok(Math.abs(heavy.score - 2 * light.score) < 1e-9)
      const [alone] = await stores.index.keyword('ours', terms('heavy'), {}, 1)
      assert.ok(alone && Math.abs(alone.score - heavy.score) < 1e-9, 'a term counts the same in any company')
    })

    it('takes any term for a term, whatever it is made of', async () => {
      await using stores = await open()
      const odd = [
        'c++',
        'a"b',
        "o'clock",
        '3.5%',
        '数据库',
        'NOT',
        'x*',
        '(y)',
        'col:z',
        '-w',
        'a_b',
        '𠮷野家',
        '^',
        '{n}',
      ]
      await load(stores, { name: 'odd.txt', text: odd.map((term) => term.replaceAll('"', '')).join('\n') })
      for (const term of odd) {
        const plain = term.replaceAll('"', '').toLowerCase()
        assert.deepEqual(
          (await find(stores, 'ours', plain)).map((text) => text.toLowerCase()),
          [plain],
        )
      }
      for (const term of ['a"b', '" OR "x', '""', '\0', ' ', '']) await find(stores, 'ours', term)
      assert.deepEqual(await stores.index.keyword('ours', [], {}, 5), [])
    })

    it('tells frequencies, number and length of passages', async () => {
      await using stores = await open()
      await load(stores, { name: 'a.txt', text: 'red green\nred blue\nred red red' })
      const { passages, averageLength, frequencies } = await stores.index.statistics('ours', ['red', 'blue', 'nothing'])
      assert.equal(passages, 3)
      assert.ok(Math.abs(averageLength - 7 / 3) < 1e-9)
      assert.deepEqual(
        [...frequencies],
        [
          ['red', 3],
          ['blue', 1],
        ],
      )
      assert.deepEqual(await stores.index.statistics('nobody', ['red']), {
        passages: 0,
        averageLength: 0,
        frequencies: new Map(),
      })
    })

    it('knows the words that look like an unknown one', async () => {
      await using stores = await open()
      await load(stores, { name: 'a.txt', text: 'semaphore thread threads barrier\nmutex 信号量 co2' })
      assert.deepEqual(await stores.index.similar('ours', 'semaphroe'), ['semaphore'])
      assert.deepEqual(await stores.index.similar('ours', 'mutexx'), ['mutex'])
      assert.deepEqual(await stores.index.similar('ours', 'zebra'), [])
      await load(stores, { name: 'b.txt', text: 'zebras' })
      assert.deepEqual(await stores.index.similar('ours', 'zebra'), ['zebras'], 'new words are known at once')
    })

    it('forgets the words of what is gone', async () => {
      await using stores = await open()
      const { id } = await load(stores, { name: 'a.txt', text: 'semaphore' })
      await load(stores, { name: 'b.txt', text: 'other things' })
      await stores.index.similar('ours', 'semaphor')
      await stores.library.remove('ours', id, { now: true })
      assert.deepEqual(await stores.index.similar('ours', 'semaphor'), [])
      await stores.library.purge(Date.now())
      await load(stores, { name: 'c.txt', text: 'semaphore again' })
      assert.deepEqual(await stores.index.similar('ours', 'semaphor'), ['semaphore'])
      assert.equal((await stores.index.statistics('ours', [])).passages, 2)
    })

    it("lets another tenant's words change neither ranking nor repair", async () => {
      await using stores = await open()
      await load(stores, { name: 'a.txt', text: `${filler}\nrare words here\ncommon words` })
      const before = await stores.index.keyword('ours', terms('rare', 'words'), {}, 10)
      const statistics = await stores.index.statistics('ours', ['rare', 'words'])
      await load(stores, {
        name: 'flood.txt',
        tenant: 'theirs',
        text: Array.from({ length: 50 }, () => 'rare secretword').join('\n'),
      })
      assert.deepEqual(await stores.index.keyword('ours', terms('rare', 'words'), {}, 10), before)
      assert.deepEqual(await stores.index.statistics('ours', ['rare', 'words']), statistics)
      assert.deepEqual(await stores.index.similar('ours', 'secretwort'), [])
      assert.deepEqual(await stores.index.similar('theirs', 'secretwort'), ['secretword'])
    })

    it('limits to collections, documents and metadata, alone and together', async () => {
      await using stores = await open()
      const red = await load(stores, {
        name: 'red',
        text: 'thing red',
        collection: 'one',
        metadata: { color: 'red', year: 2020, tags: ['x', 'y'], draft: false },
      })
      await load(stores, {
        name: 'blue',
        text: 'thing blue',
        collection: 'one',
        metadata: { color: 'blue', year: 2021 },
      })
      await load(stores, {
        name: 'green',
        text: 'thing green',
        collection: 'two',
        metadata: { color: 'green', year: 2020 },
      })
      const by = async (filter: Parameters<typeof find>[3]) =>
        (await find(stores, 'ours', 'thing', filter)).map((text) => text.slice(6)).sort()
      assert.deepEqual(await by({}), ['blue', 'green', 'red'])
      assert.deepEqual(await by({ collections: ['one'] }), ['blue', 'red'])
      assert.deepEqual(await by({ collections: ['one', 'two'] }), ['blue', 'green', 'red'])
      assert.deepEqual(await by({ documents: [red.id, 'doc_unknown'] }), ['red'])
      assert.deepEqual(await by({ excludeDocuments: [red.id] }), ['blue', 'green'])
      assert.deepEqual(await by({ excludeDocuments: [red.id], collections: ['one'] }), ['blue'])
      assert.deepEqual(await by({ metadata: { year: 2020 } }), ['green', 'red'])
      assert.deepEqual(await by({ metadata: { year: '2020' } }), [], 'a number is no text')
      assert.deepEqual(await by({ metadata: { color: ['red', 'blue'] } }), ['blue', 'red'])
      assert.deepEqual(await by({ metadata: { tags: 'y' } }), ['red'])
      assert.deepEqual(await by({ metadata: { draft: false } }), ['red'])
      assert.deepEqual(await by({ collections: ['one'], metadata: { year: 2020 } }), ['red'])
      assert.deepEqual(await by({ collections: [] }), [], 'an empty list allows nothing')
      assert.deepEqual(await by({ collections: ['none'] }), [])
    })

    it('sees a filter change as soon as the documents do', async () => {
      await using stores = await open()
      await load(stores, { name: 'a', text: 'thing old', metadata: { state: 'draft' } })
      assert.deepEqual(await find(stores, 'ours', 'thing', { metadata: { state: 'final' } }), [])
      await load(stores, { name: 'a', text: 'thing old', metadata: { state: 'final' } })
      assert.deepEqual(await find(stores, 'ours', 'thing', { metadata: { state: 'final' } }), ['thing old'])
      assert.deepEqual(await find(stores, 'ours', 'thing', { metadata: { state: 'draft' } }), [])
    })

    it('returns as many as were asked for when a filter leaves them', async () => {
      await using stores = await open()
      const lines = (word: string) => Array.from({ length: 60 }, (_, at) => `${word} thing ${at}`).join('\n')
      await load(stores, { name: 'many', text: lines('thing thing'), collection: 'many' })
      await load(stores, { name: 'few', text: lines('padding padding padding padding'), collection: 'few' })
      assert.equal((await find(stores, 'ours', 'thing', { collections: ['few'] }, 40)).length, 40)
      await embedAll(stores, 'g', (text) => (text.includes('padding') ? vectorOf(1, 5, 0) : vectorOf(1, 0, 0)))
      const question = vectorOf(1, 0, 0)
      const hits = await stores.index.vector('ours', 'g', question, { collections: ['few'] }, 40)
      assert.equal(hits.length, 40)
      const { id } = (await stores.library.list('ours', { name: 'many' }))[0] ?? { id: '' }
      await stores.library.remove('ours', id)
      assert.equal((await stores.index.vector('ours', 'g', question, {}, 60)).length, 60)
      assert.equal((await find(stores, 'ours', 'thing', {}, 60)).length, 60)
    })

    it('finds nearest vectors by cosine, whatever their length', async () => {
      await using stores = await open()
      await load(stores, { name: 'a.txt', text: 'east\nnorth\nnortheast\nwest' })
      const directions: Record<string, Float32Array> = {
        east: vectorOf(10, 0, 0),
        north: vectorOf(0, 0.1, 0),
        northeast: vectorOf(3, 3, 0),
        west: vectorOf(-1, 0, 0),
      }
      await embedAll(stores, 'g', (text) => directions[text.split('\n').at(-1) ?? ''] ?? vectorOf(0, 0, 0))
      const hits = await stores.index.vector('ours', 'g', vectorOf(2, 1, 0), {}, 3)
      const passages = await stores.index.passages(
        'ours',
        hits.map(({ rowId }) => rowId),
      )
      assert.deepEqual(
        passages.map(({ text }) => text),
        ['northeast', 'east', 'north'],
      )
      assert.ok(Math.abs((hits[0]?.score ?? 0) - 3 / Math.sqrt(10)) < 1e-6)
      assert.deepEqual(await stores.index.vector('theirs', 'g', vectorOf(2, 1, 0), {}, 3), [])
      assert.deepEqual(await stores.index.vector('ours', 'unknown', vectorOf(2, 1, 0), {}, 3), [])
      await assert.rejects(stores.index.vector('ours', 'g', vectorOf(1, 2), {}, 3), { code: 'invalid' })
    })

    it('finds what an exhaustive comparison finds', async () => {
      await using stores = await open()
      let state = 5
      const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5
      const rows = 1_500
      const dimensions = 50
      const lines = Array.from({ length: rows }, (_, at) => `line ${at}`)
      await load(stores, { name: 'a.txt', text: lines.join('\n') })
      const vectors = lines.map(() => Float32Array.from({ length: dimensions }, random))
      await embedAll(stores, 'g', (_, at) => vectors[at] ?? new Float32Array(dimensions))
      for (let trial = 0; trial < 10; trial++) {
        const question = Float32Array.from({ length: dimensions }, random)
        const hits = await stores.index.vector('ours', 'g', question, {}, 10)
        const found = (
          await stores.index.passages(
            'ours',
            hits.map(({ rowId }) => rowId),
          )
        ).map(({ ordinal }) => ordinal)
        const norm = (vector: Float32Array) => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
        const truth = vectors
          .map((vector, ordinal) => ({
            ordinal,
            score: vector.reduce((sum, value, at) => sum + value * (question[at] ?? 0), 0) / norm(vector),
          }))
          .sort((a, b) => b.score - a.score)
          .slice(0, 10)
          .map(({ ordinal }) => ordinal)
        assert.deepEqual(found, truth)
      }
    })

    it('counts vectors that are missing, and takes them for passages that are still there', async () => {
      await using stores = await open()
      const { id } = await load(stores, { name: 'a.txt', text: 'one\ntwo\nthree' })
      assert.equal((await stores.library.get('ours', id))?.vectorsMissing, 0, 'nobody wants vectors yet')
      const missing = await stores.library.withoutVectors('g', 2)
      assert.deepEqual(
        missing.map(({ tenant, text }) => [tenant, text.split('\n').at(-1)]),
        [
          ['ours', 'one'],
          ['ours', 'two'],
        ],
      )
      assert.equal((await stores.library.get('ours', id))?.vectorsMissing, 3)
      const rows = missing.map(({ rowId }) => ({ rowId, vector: vectorOf(1, 2, 3) }))
      await stores.library.putVectors('g', rows)
      await stores.library.putVectors('g', rows)
      assert.equal((await stores.library.get('ours', id))?.vectorsMissing, 1)
      await load(stores, { name: 'a.txt', text: 'other' })
      await stores.library.putVectors('g', rows)
      assert.deepEqual(await stores.index.vector('ours', 'g', vectorOf(1, 2, 3), {}, 5), [])
      assert.equal((await stores.library.get('ours', id))?.vectorsMissing, 1)
      assert.equal((await stores.library.withoutVectors('g', 10)).length, 1)
      await assert.rejects(stores.library.putVectors('g', [{ rowId: rows[0]?.rowId ?? 0, vector: vectorOf(1) }]), {
        code: 'invalid',
      })
      await assert.rejects(
        stores.library.putVectors('g', [{ rowId: rows[0]?.rowId ?? 0, vector: vectorOf(1, NaN, 2) }]),
        { code: 'invalid' },
      )
    })

    it('puts another vector in the place of a passage’s old one', async () => {
      await using stores = await open()
      await load(stores, { name: 'a.txt', text: 'one' })
      await embedAll(stores, 'g', () => vectorOf(1, 0, 0))
      const [hit] = await stores.index.vector('ours', 'g', vectorOf(1, 0, 0), {}, 5)
      await stores.library.putVectors('g', [{ rowId: hit?.rowId ?? 0, vector: vectorOf(0, 1, 0) }])
      const after = await stores.index.vector('ours', 'g', vectorOf(0, 1, 0), {}, 5)
      assert.deepEqual(after, [{ rowId: hit?.rowId, score: 1 }])
    })

    it('keeps the vectors of two embedders side by side', async () => {
      await using stores = await open()
      await load(stores, { name: 'a.txt', text: 'one\ntwo' })
      await embedAll(stores, 'small', (text) => (text.endsWith('one') ? vectorOf(1, 0) : vectorOf(0, 1)))
      await embedAll(stores, 'large', (text) => (text.endsWith('one') ? vectorOf(0, 0, 1) : vectorOf(1, 0, 0)))
      const [small] = await stores.index.vector('ours', 'small', vectorOf(1, 0), {}, 1)
      const [large] = await stores.index.vector('ours', 'large', vectorOf(0, 0, 1), {}, 1)
      assert.deepEqual(small, large)
    })

    it('answers passages in the order asked, with all that is known of them', async () => {
      await using stores = await open()
      const { id } = await load(stores, {
        name: 'dir/a.txt',
        text: 'one\ntwo\nthree',
        title: 'Numbers',
        collection: 'c',
      })
      const passages = await stores.index.passagesById('ours', [
        `${id}.1.2`,
        `${id}.1.0`,
        `${id}.1.9`,
        `${id}.2.0`,
        'nonsense',
        'a.b.c',
      ])
      assert.deepEqual(
        passages.map((each) => each.id),
        [`${id}.1.2`, `${id}.1.0`],
      )
      assert.deepEqual(passages[0], {
        id: `${id}.1.2`,
        documentId: id,
        documentName: 'dir/a.txt',
        title: 'Numbers',
        collection: 'c',
        headings: ['Line 3'],
        kind: 'paragraph',
        ordinal: 2,
        start: 8,
        end: 13,
        text: 'three',
      })
    })

    it('can still show, for a while, what an answer found before its document was replaced', async () => {
      await using stores = await open()
      const { id } = await load(stores, { name: 'a.txt', text: 'old words' })
      const hits = await stores.index.keyword('ours', terms('old'), {}, 5)
      await load(stores, { name: 'a.txt', text: 'new words' })
      assert.deepEqual(
        (
          await stores.index.passages(
            'ours',
            hits.map(({ rowId }) => rowId),
          )
        ).map(({ text }) => text),
        ['old words'],
      )
      assert.deepEqual(
        (await stores.index.passagesById('ours', [`${id}.1.0`, `${id}.2.0`])).map(({ text }) => text),
        ['old words', 'new words'],
      )
    })

    it('does not show passages that are not published', async () => {
      await using stores = await open()
      const { document, jobId } = await acceptText(stores, { name: 'a.txt', text: 'coming' })
      const lease = await take(stores, jobId)
      await stores.library.stage('ours', document.id, lease.job.id, lease.fence, [
        {
          ordinal: 0,
          start: 0,
          end: 6,
          text: 'coming',
          headings: [],
          kind: 'paragraph',
          titleTerms: '',
          bodyTerms: 'coming',
          length: 1,
        },
      ])
      assert.deepEqual(await find(stores, 'ours', 'coming'), [])
      assert.deepEqual(await stores.index.passagesById('ours', [`${document.id}.1.0`]), [])
      assert.deepEqual(await stores.library.withoutVectors('g', 5), [])
      await publishText(stores, lease, 'coming')
      assert.deepEqual(await find(stores, 'ours', 'coming'), ['coming'])
    })
  })
}
