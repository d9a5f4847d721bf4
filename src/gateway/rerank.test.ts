// The reranker of the door, over a real socket.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { jsonOf, openDoor, textOf, type Door } from '../../test/door.ts'

/** A door whose factory scores texts by their length. */
async function openCounting(): Promise<Door> {
  const door = await openDoor()
  door.factory.rerank = async (_query, texts) => ({ model: 'by length', scores: texts.map((text) => text.length) })
  return door
}

describe('POST /v1/rerank', () => {
  const documents = ['a', { text: 'four' }, 'two']

  it('orders the texts, best first', async () => {
    await using door = await openCounting()
    for (const path of ['/v1/rerank', '/v2/rerank']) {
      const reply = await jsonOf(await door.post(path, { model: 'any', query: 'What?', documents }))
      assert.equal(reply['model'], 'by length')
      assert.deepEqual(reply['results'], [
        { index: 1, relevance_score: 4 },
        { index: 2, relevance_score: 3 },
        { index: 0, relevance_score: 1 },
      ])
    }
  })

  it('gives only the best, and their texts, when asked', async () => {
    await using door = await openCounting()
    const body = { query: 'What?', documents, top_n: 1, return_documents: true }
    const reply = await jsonOf(await door.post('/v1/rerank', body))
    assert.deepEqual(reply['results'], [{ index: 1, relevance_score: 4, document: { text: 'four' } }])
  })

  it('says what is wrong with a document', async () => {
    await using door = await openCounting()
    const response = await door.post('/v1/rerank', { query: 'What?', documents: ['a', 5] })
    assert.equal(response.status, 400)
    assert.match(textOf((await jsonOf(response))['error']?.['message']), /documents\.1 must be a text, or an object/)
  })
})
