// What the options say of models reaches the router as it takes it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routerOptionsOf } from './configured-router.ts'
import { parseOptions } from './parse-options.ts'

test('a name in the DNS keeps the kinds of records and addresses that are asked of it', () => {
  const endpoint = { name: 'vllm', url: 'http://vllm.models.svc:8000' }
  const { models } = parseOptions({
    models: { discover: [{ endpoint, family: 6, everyMs: 500 }, { endpoint: { ...endpoint, name: 'other' } }] },
  })
  const [six, other] = routerOptionsOf(models).discover ?? []
  assert.partialDeepStrictEqual(six, { family: 6, everyMs: 500, endpoint })
  assert.deepEqual(Object.keys(other ?? {}), ['endpoint'])
})
