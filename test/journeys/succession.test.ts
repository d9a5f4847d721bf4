// Another embedder is configured: the old one answers until the new one's vectors are whole, then the new one does.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createFactory } from '../../src/factory.ts'
import { ModelServer } from '../servers/model-server.ts'
import { addWhole, asked, leave, travel } from './library.ts'

const question = 'Who approves travel over 2,500 euros?'

test('the old embedder answers until the new one has embedded everything', async () => {
  let newIsDown = true
  await using server = await ModelServer.start({
    fault: (path, _, body) => {
      const { model } = body as { model?: string }
      return path.includes('embeddings') && model === 'new' && newIsDown ? { kind: 'status', status: 503 } : undefined
    },
  })
  const asksFor = () =>
    server.requests.flatMap(({ body }) => {
      const { model, input } = body as { model?: string; input?: string | string[] }
      return [input].flat().includes(question) ? [model] : []
    })
  const dataDir = await mkdtemp(join(tmpdir(), 'andon-succession-'))
  const options = (model: string) => ({
    dataDir,
    handbook: false,
    embedder: { kind: 'openai' as const, url: server.baseUrl, model },
  })
  try {
    {
      await using factory = await createFactory(options('old'))
      for (const source of [travel, leave]) await addWhole(factory, source)
      await server.until(({ requests }) => requests.length >= 2)
      const { end } = await asked(factory, question)
      assert.deepEqual(asksFor(), ['old'])
      assert.deepEqual(
        end.degraded.map(({ reason }) => reason),
        ['model-missing'],
      )
    }
    await using factory = await createFactory(options('new'))
    const { end } = await asked(factory, question)
    assert.deepEqual(asksFor(), ['old', 'old'], 'the new one is still without vectors')
    assert.deepEqual(
      end.degraded.map(({ reason }) => reason),
      ['model-missing'],
    )

    newIsDown = false
    for (let attempt = 0; attempt < 500 && asksFor().at(-1) !== 'new'; attempt++) await asked(factory, question)
    assert.equal(asksFor().at(-1), 'new', 'the new one takes over')
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
})
