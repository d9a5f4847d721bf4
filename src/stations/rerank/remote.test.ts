import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ModelServer } from '../../../test/servers/model-server.ts'
import { openCall } from '../../core/call.ts'
import type { Found } from '../../core/question.ts'
import { RemoteReranker } from '../../models/rerank.ts'
import { rerankRemotely } from './remote.ts'

function found(text: string, score: number, title = ''): Found {
  return {
    score,
    passage: {
      id: text,
      documentId: 'd',
      documentName: 'd.md',
      title,
      collection: 'default',
      headings: [],
      kind: 'paragraph',
      ordinal: 0,
      start: 0,
      end: text.length,
      text,
    },
  }
}

const list = [found('grey mice', 9), found('the red fox', 8), found('a red house', 7), found('nothing', 6)]

test("passages take the model's order, with scores from 0 to 1", async () => {
  for (const kind of ['cohere', 'tei'] as const) {
    await using server = await ModelServer.start()
    await using reranker = new RemoteReranker({ kind, url: server.origin })
    using call = openCall({ tenant: 't', budgetMs: 5_000 })
    const { ranked, margin } = await rerankRemotely({ question: 'red fox', found: list, reranker, call })
    assert.deepEqual(
      ranked.map(({ passage }) => passage.text),
      ['the red fox', 'a red house', 'grey mice', 'nothing'],
    )
    assert.ok(ranked.every(({ score }) => score >= 0 && score <= 1))
    assert.ok(margin > 0 && margin < 1)
  }
})

test('only the best are sent, the others stay behind them in order', async () => {
  await using server = await ModelServer.start()
  await using reranker = new RemoteReranker({ kind: 'tei', url: server.origin })
  using call = openCall({ tenant: 't', budgetMs: 5_000 })
  const { ranked } = await rerankRemotely({ question: 'red fox', found: list, reranker, call, most: 2 })
  assert.deepEqual(
    ranked.map(({ passage }) => passage.text),
    ['the red fox', 'grey mice', 'a red house', 'nothing'],
  )
  assert.ok(ranked.every(({ score }, index) => index === 0 || score <= (ranked[index - 1]?.score ?? 0)))
  assert.equal(server.bodies<{ texts: string[] }>('/rerank')[0]?.texts.length, 2)
})

test('the title is sent with the text', async () => {
  await using server = await ModelServer.start()
  await using reranker = new RemoteReranker({ kind: 'tei', url: server.origin })
  using call = openCall({ tenant: 't', budgetMs: 5_000 })
  const { ranked } = await rerankRemotely({
    question: 'fox',
    found: [found('grey', 2), found('red', 1, 'Fox')],
    reranker,
    call,
  })
  assert.equal(ranked[0]?.passage.text, 'red')
})

test('a model that is late is an error, so that the order it was given is kept', async () => {
  await using server = await ModelServer.start({ fault: () => ({ kind: 'hang-before-headers' }) })
  await using reranker = new RemoteReranker({ kind: 'tei', url: server.origin })
  using call = openCall({ tenant: 't', budgetMs: 5_000 })
  await assert.rejects(rerankRemotely({ question: 'fox', found: list, reranker, call, budgetMs: 50 }), {
    code: 'deadline',
  })
  assert.equal(call.signal.aborted, false)
})
