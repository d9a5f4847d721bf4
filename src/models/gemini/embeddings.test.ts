import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReplayServer } from '../../../test/servers/replay-server.ts'
import { openCall } from '../../core/call.ts'
import { GeminiEmbedder } from './embeddings.ts'

interface Asked {
  requests: {
    model: string
    content: { parts: { text: string }[] }
    taskType?: string
    outputDimensionality?: number
  }[]
}

test('vectors come in the order of the texts, of length 1; the side of the search is said until it is refused', async () => {
  await using server = await ReplayServer.start(({ body }, count) => {
    const { requests } = body as Asked
    if (count > 0 && requests[0]?.taskType !== undefined)
      return { status: 400, body: { error: { code: 400, message: 'task_type is not supported by this model.' } } }
    return { body: { embeddings: requests.map(({ content }) => ({ values: [Number(content.parts[0]?.text), 0] })) } }
  })
  await using embedder = new GeminiEmbedder({
    url: server.origin,
    apiKey: 'secret-key',
    model: 'gemini-embedding',
    dimensions: 2,
  })
  using call = openCall({ tenant: 't', budgetMs: 10_000 })
  const vectors = await embedder.embed(['3', '-2'], 'passage', call)
  assert.deepEqual(
    vectors.map((vector) => Array.from(vector)),
    [
      [1, 0],
      [-1, 0],
    ],
  )
  const [first] = server.requests
  assert.equal(first?.url, '/v1beta/models/gemini-embedding:batchEmbedContents')
  assert.equal(first.headers['x-goog-api-key'], 'secret-key')
  assert.deepEqual((first.body as Asked).requests[1], {
    model: 'models/gemini-embedding',
    content: { parts: [{ text: '-2' }] },
    taskType: 'RETRIEVAL_DOCUMENT',
    outputDimensionality: 2,
  })
  await embedder.embed(['1'], 'question', call)
  assert.deepEqual(
    server.requests.map(({ body }) => (body as Asked).requests[0]?.taskType),
    ['RETRIEVAL_DOCUMENT', 'RETRIEVAL_QUERY', undefined],
  )
})

test('a vector too few is an error', async () => {
  await using server = await ReplayServer.start(() => ({ body: { embeddings: [{ values: [1] }] } }))
  await using embedder = new GeminiEmbedder({ url: server.origin, model: 'm' })
  using call = openCall({ tenant: 't', budgetMs: 10_000 })
  await assert.rejects(embedder.embed(['a', 'b'], 'passage', call), { code: 'unavailable' })
})
