// What the whole says of its model: the truth about its endpoints, without its readiness falling for it.

import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ModelServer } from '../test/servers/model-server.ts'
import type { HealthPart } from './core/factory.ts'
import { createFactory } from './factory.ts'
import type { OptionsInput } from './options.ts'

const nowhere = 'http://127.0.0.1:1'

/** The part of the model before anybody asked, and once its endpoints have refused so many questions. */
async function looks(models: OptionsInput['models'], questions = 3): Promise<HealthPart[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-health-'))
  await using factory = await createFactory({ dataDir: folder.path, handbook: false, models })
  const look = async (): Promise<HealthPart> => {
    const { ready, parts } = await factory.health()
    assert.equal(ready, true)
    return parts.find(({ name }) => name === 'model') ?? assert.fail('no part of the model')
  }
  const before = await look()
  for (let asked = 0; asked < questions; asked++)
    await factory.router?.routeRequest('Hi').catch((reason: unknown) => assert.ok(reason instanceof Error))
  return [before, await look()]
}

test('a model whose endpoints are all down writes no answers, and it is said', async () => {
  const down = 'No endpoint of qwen3-8b answers: answers quote the documents.'
  assert.deepEqual(await looks({ baseUrl: nowhere, model: 'qwen3-8b' }), [
    { name: 'model', ok: true, message: 'qwen3-8b writes the answers.' },
    { name: 'model', ok: false, message: down },
  ])
  const [, unnamed] = await looks({ baseUrl: nowhere })
  assert.match(unnamed?.message ?? '', /^No endpoint of the model at \S+ answers: answers quote/)
})

test('the next model of the chain is named instead, and one of several endpoints is enough', async () => {
  await using server = await ModelServer.start()
  const dead = { name: 'dead', url: nowhere, model: 'large' }
  const next = { name: 'next', url: server.origin, model: 'small' }
  const [, fallen] = await looks({ endpoints: [dead, next], fallback: ['large', 'small'] })
  assert.deepEqual(fallen, {
    name: 'model',
    ok: false,
    message: 'No endpoint of large answers: small writes the answers.',
  })
  const [, held] = await looks({ endpoints: [dead, { ...next, model: 'large' }], model: 'large' })
  assert.deepEqual(held, { name: 'model', ok: true, message: 'large writes the answers.' })
})
