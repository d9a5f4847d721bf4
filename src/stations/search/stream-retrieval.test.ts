import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AndonError } from '../../core/errors.ts'
import type { Station } from '../../core/station.ts'
import { ScoreDocument } from './score-document.ts'
import type { ScoreInput, ScoredDocument } from './score-document.ts'
import { streamRetrieval } from './stream-retrieval.ts'
import type { RetrievalEvent } from './stream-retrieval.ts'

const documents = [
  { id: 'rivers', text: 'The Rhine rises in the Alps. It flows north to the sea.\n\nFish live in it.' },
  { id: 'bridges', text: 'A bridge spans the Rhine at Cologne. It was opened in 1911 and carries trains.' },
  { id: 'cheese', text: 'Cheese is made of milk.' },
  { id: 'empty', text: '' },
]

async function all(events: AsyncIterable<RetrievalEvent>): Promise<RetrievalEvent[]> {
  return Array.fromAsync(events)
}

test('every document is told of once, then comes the ranking', async () => {
  const events = await all(streamRetrieval('When was the bridge over the Rhine opened?', documents))
  const scored = events.filter((event) => event.type === 'document-scored')
  assert.deepEqual(scored.map(({ id }) => id).sort(), ['bridges', 'cheese', 'empty', 'rivers'])
  assert.deepEqual(
    scored.map(({ done }) => done),
    [1, 2, 3, 4],
  )
  const last = events.at(-1)
  assert.ok(last?.type === 'ranking')
  assert.deepEqual(
    last.documents.slice(0, 2).map(({ id }) => id),
    ['bridges', 'rivers'],
  )
  assert.equal(last.documents.length, 4)
  assert.equal(last.documents.at(-1)?.score, 0)
  assert.equal(last.chunks[0]?.score, 1)
})

test('pieces are slices of their document, no longer than the chunk size', async () => {
  const text = '长江大桥建成通车。'.repeat(40)
  const [scored, ranking] = await all(streamRetrieval('长江大桥', [{ id: 'a', text }], { chunkSize: 60 }))
  assert.ok(scored?.type === 'document-scored' && ranking?.type === 'ranking')
  assert.ok(scored.chunks >= 6)
  for (const chunk of ranking.chunks) {
    assert.equal(chunk.text, text.slice(chunk.start, chunk.end))
    assert.ok(chunk.text.length <= 60)
  }
})

test('a slow document does not hold up the others', async () => {
  const slow = Promise.withResolvers<void>()
  const inline = new ScoreDocument()
  const run: Station<ScoreInput, ScoredDocument> = {
    name: 'score-document',
    async *run(input, call) {
      if (input.text.startsWith('The Rhine')) await slow.promise
      yield* inline.run(input, call)
    },
  }
  const seen: string[] = []
  for await (const event of streamRetrieval('rhine bridge', documents, { run })) {
    if (event.type !== 'document-scored') continue
    seen.push(event.id)
    if (seen.length === 3) slow.resolve()
  }
  assert.equal(seen.at(-1), 'rivers')
  assert.equal(seen.length, 4)
})

test('no more documents are under way than asked for, and none is taken before there is room', async () => {
  let running = 0
  let most = 0
  let taken = 0
  let finished = 0
  const inline = new ScoreDocument()
  const run: Station<ScoreInput, ScoredDocument> = {
    name: 'score-document',
    async *run(input, call) {
      most = Math.max(most, ++running)
      await new Promise(setImmediate)
      running--
      finished++
      yield* inline.run(input, call)
    },
  }
  const source = function* () {
    for (let number = 0; number < 40; number++) {
      assert.ok(taken - finished <= 3)
      taken++
      yield { id: String(number), text: `document ${number}` }
    }
  }
  await all(streamRetrieval('document', source(), { run, concurrency: 3 }))
  assert.equal(most, 3)
  assert.equal(finished, 40)
})

test('leaving early cancels what is under way and closes the source', async () => {
  let closed = false
  const cancelled = Promise.withResolvers<string>()
  const run: Station<ScoreInput, ScoredDocument> = {
    name: 'score-document',
    async *run(input, call) {
      if (input.text === 'waits') {
        call.signal.addEventListener('abort', () => cancelled.resolve(AndonError.from(call.signal.reason).code))
        await cancelled.promise
      }
      yield { chunks: [] }
    },
  }
  const source = async function* () {
    try {
      yield { id: 'a', text: 'waits' }
      yield { id: 'b', text: 'is done' }
      await new Promise(() => {})
    } finally {
      closed = true
    }
  }
  const closing = (async function* () {
    try {
      yield { id: 'a', text: 'waits' }
      yield { id: 'b', text: 'is done' }
      yield { id: 'c', text: 'is done' }
    } finally {
      closed = true
    }
  })()
  for await (const event of streamRetrieval('anything', closing, { run, concurrency: 2 })) {
    assert.equal(event.type, 'document-scored')
    break
  }
  assert.equal(await cancelled.promise, 'cancelled')
  assert.equal(closed, true)
  for await (const _ of streamRetrieval('anything', source(), { run, concurrency: 2 })) break
})

test('the signal ends it, also while the source says nothing', async () => {
  const controller = new AbortController()
  const silent = async function* () {
    yield { id: 'a', text: 'one' }
    await new Promise(() => {})
  }
  await assert.rejects(
    async () => {
      for await (const event of streamRetrieval('one', silent(), { signal: controller.signal })) {
        if (event.type === 'document-scored') controller.abort()
      }
    },
    { code: 'cancelled' },
  )
})

test('what cannot be ranked is refused by name', async () => {
  const refused: [Promise<unknown>, RegExp][] = [
    [all(streamRetrieval('', documents)), /query "" has no word/],
    [all(streamRetrieval(' ?! ', documents)), /has no word/],
    [all(streamRetrieval('x', documents, { chunkSize: 49 })), /chunkSize is 49: give an integer of 50/],
    [all(streamRetrieval('x', documents, { chunkSize: 99.5 })), /chunkSize is 99.5/],
    [all(streamRetrieval('x', documents, { concurrency: 0 })), /concurrency is 0/],
    [all(streamRetrieval('x', [{ id: '', text: '' }])), /Document 1 has the id ""/],
    [all(streamRetrieval('x', [...documents, ...documents])), /Two documents have the id rivers/],
  ]
  for (const [promise, message] of refused) await assert.rejects(promise, { code: 'invalid', message })
})

test('a document whose scoring fails ends it with that error', async () => {
  const run: Station<ScoreInput, ScoredDocument> = {
    name: 'score-document',
    run() {
      throw new Error('broken')
    },
  }
  await assert.rejects(all(streamRetrieval('x', documents, { run })), /broken/)
})
