import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConcurrentRouter } from './index.ts'

test('options that are wrong are refused when a router is opened, by their names', async () => {
  for (const [options, sentence] of [
    [{ fallback: 'm' }, /^The option fallback of the router is a text: it must be a list of names of models$/],
    [{ fallback: [''] }, /^The option fallback of the router is a list: it must be a list of names/],
    [{ fallbacks: ['m'] }, /^"fallbacks" is no option of a router: it takes endpoints, .*fallback/],
    [{ endpoints: {} }, /^The option endpoints of the router is an object: it must be a list$/],
    [{ attempts: 0 }, /^The option attempts of the router is 0: it must be a whole number, at least 1$/],
    [{ budgetMs: Number.NaN }, /budgetMs .* NaN: it must be a number of milliseconds above 0$/],
    [{ lastResort: {} }, /lastResort .* it must be a chat model$/],
    [[], /takes one object of options/],
  ] as const)
    assert.throws(() => new ConcurrentRouter(options as object), { code: 'invalid', sentence })
  await using router = new ConcurrentRouter({ budgetMs: Infinity, fallback: [] })
  assert.deepEqual(router.models(), [])
})
