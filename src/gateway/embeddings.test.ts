// The vectors of the door, over a real socket.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { jsonOf, openDoor, textOf, type Door } from '../../test/door.ts'
import { AndonError } from '../core/errors.ts'

/** A door whose factory embeds a text as its length and 0.5. */
async function openCounting(): Promise<Door> {
  const door = await openDoor()
  door.factory.embed = async (texts) => ({
    model: 'tiny@2',
    vectors: texts.map((text) => Float32Array.of(text.length, 0.5)),
  })
  return door
}

describe('POST /v1/embeddings', () => {
  it('gives the vectors in the order of the texts, with an estimate of their tokens', async () => {
    await using door = await openCounting()
    const reply = await jsonOf(
      await door.post('/v1/embeddings', { model: 'tiny', input: ['four', 'a'], dimensions: 2 }),
    )
    assert.deepEqual(reply, {
      object: 'list',
      model: 'tiny@2',
      data: [
        { object: 'embedding', index: 0, embedding: [4, 0.5] },
        { object: 'embedding', index: 1, embedding: [1, 0.5] },
      ],
      usage: { prompt_tokens: 2, total_tokens: 2 },
    })
  })

  it('gives them as base64 of little-endian floats when asked', async () => {
    await using door = await openCounting()
    const reply = await jsonOf(await door.post('/v1/embeddings', { input: 'four', encoding_format: 'base64' }))
    assert.equal(reply['data']?.[0]?.['embedding'], Buffer.from('000080400000003f', 'hex').toString('base64'))
  })

  const table: { it: string; body: object; status: number; says: RegExp }[] = [
    {
      it: 'tokens',
      body: { input: [[1, 2]] },
      status: 400,
      says: /input must be a text or a list of texts, not of tokens/,
    },
    { it: 'nothing', body: { input: [] }, status: 400, says: /input needs at least 1 entry/ },
    { it: 'an empty text', body: { input: ['a', ''] }, status: 400, says: /input\.1 is empty/ },
    {
      it: 'too many texts',
      body: { input: Array(2049).fill('a') },
      status: 400,
      says: /input has more than 2048 texts/,
    },
    {
      it: 'another model',
      body: { input: 'a', model: 'ada' },
      status: 404,
      says: /no embedding model "ada".*"tiny@2"/,
    },
    { it: 'other dimensions', body: { input: 'a', dimensions: 3 }, status: 400, says: /vectors of tiny@2 have 2/ },
    {
      it: 'another encoding',
      body: { input: 'a', encoding_format: 'int8' },
      status: 400,
      says: /encoding_format must be/,
    },
  ]
  for (const { it: what, body, status, says } of table) {
    it(`${what}: ${status}`, async () => {
      await using door = await openCounting()
      const response = await door.post('/v1/embeddings', body)
      assert.equal(response.status, status)
      assert.match(textOf((await jsonOf(response))['error']?.['message']), says)
    })
  }

  it('says which option to set when there is no embedder', async () => {
    await using door = await openDoor()
    door.factory.embed = async () => {
      throw new AndonError('unsupported', 'No embedder.')
    }
    const response = await door.post('/v1/embeddings', { input: 'a' })
    assert.equal(response.status, 400)
    assert.match(textOf((await jsonOf(response))['error']?.['message']), /Set the option embedder/)
  })
})
