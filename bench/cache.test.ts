import { equal } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { pages, type Kept } from './cache/pages.ts'

test('the pages on the cache and on concurrency say what the kept result says', () => {
  const kept = JSON.parse(readFileSync(new URL('results/cache.json', import.meta.url), 'utf8')) as Kept
  for (const { is, wanted } of pages(kept)) equal(is, wanted, 'npm run -s bench:cache writes it anew')
})
