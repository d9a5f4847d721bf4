// What the options say of models reaches the router as it takes it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfiguration } from './configuration.ts'
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

test('a second endpoint is asked after milliseconds or after what is learnt, wherever that is said', async () => {
  const hedged = async (environment: Record<string, string>): Promise<unknown> => {
    const { options } = await readConfiguration({ directory: import.meta.dirname, environment })
    return routerOptionsOf(options.models).hedge
  }
  const variable = 'ANDON_MODELS_ROUTING_HEDGE_MS'
  assert.deepEqual(await hedged({ [variable]: 'p95' }), { after: 'p95' })
  assert.deepEqual(await hedged({ [variable]: '250' }), { after: 250 })
  assert.equal(await hedged({}), undefined)
  await assert.rejects(hedged({ [variable]: 'p99' }), /hedgeMs is "p99" in .*: it must be a whole number .*, or p95\./)
})
