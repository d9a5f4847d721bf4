// What servers say that vectors and scores took.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { textsTokens } from './texts-usage.ts'

test('the tokens of texts are read under every name for them, and 0 is no count', () => {
  for (const [answer, tokens] of [
    [{ usage: { prompt_tokens: 5, total_tokens: 6 } }, 5],
    [{ usage: { total_tokens: 6 } }, 6],
    [{ meta: { tokens: { input_tokens: 7 } } }, 7],
    [{ embeddings: [], usageMetadata: { promptTokenCount: 8 } }, 8],
    [{ usage: { prompt_tokens: 0 } }, undefined],
    [{ usage: { prompt_tokens: '5' } }, undefined],
    [{ usage: null, meta: {} }, undefined],
    [[{ index: 0, score: 1 }], undefined],
  ] as const)
    assert.equal(textsTokens(answer), tokens, JSON.stringify(answer))
})
