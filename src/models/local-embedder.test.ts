// With @huggingface/transformers beside Andon, or in the folder that TRANSFORMERS_FROM names, a model of a few
// kilobytes is really run in a child process; without it, only what is said then is tested.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { tinyDimension, writeTinyEmbeddingModel } from '../../test/servers/tiny-embedding-model.ts'
import { openCall } from '../core/call.ts'
import { createPlaces } from '../places/places.ts'
import { configureModels } from './configure.ts'
import { open } from './local-embedder-station.ts'
import { LocalEmbedder } from './local-embedder.ts'

const from = process.env['TRANSFORMERS_FROM']

function installed(...bases: string[]): boolean {
  return bases.some((base) => {
    try {
      return createRequire(base).resolve('@huggingface/transformers') !== ''
    } catch {
      return false
    }
  })
}

const skip = installed(import.meta.url, ...(from === undefined ? [] : [pathToFileURL(`${from}/`).href]))
  ? false
  : '@huggingface/transformers is not installed: npm install --no-save --ignore-scripts @huggingface/transformers, or set TRANSFORMERS_FROM to a folder that has it'

async function tinyModel() {
  const folder = await mkdtemp(join(tmpdir(), 'andon-tiny-'))
  await writeTinyEmbeddingModel(join(folder, 'tiny'), ['red', 'fox', 'grey', 'mouse', '狐', '狸'])
  return { path: join(folder, 'tiny'), [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

const pools = { models: { place: 'process', size: 1, concurrency: 1 } } as const
const place = from === undefined ? {} : { from }

test(
  'without the package, the message says how to install it',
  { skip: installed(import.meta.url) && 'it is installed beside Andon' },
  async () => {
    await assert.rejects(async () => open({ model: '/nowhere' }), {
      code: 'unavailable',
      message: /npm install @huggingface\/transformers/,
    })
  },
)

test('a folder that is no model is refused by the name of its setting', async () => {
  await using places = createPlaces(pools)
  await assert.rejects(
    configureModels({ embedder: { kind: 'local', model: './no-such-model' } }, { place: { places, where: 'models' } }),
    { code: 'invalid', message: /ANDON_EMBEDDER_MODEL.*no-such-model.*config\.json/ },
  )
})

test('a model embeds in a child process: same words, same vectors', { skip }, async () => {
  await using model = await tinyModel()
  await using places = createPlaces(pools)
  await using embedder = await LocalEmbedder.open({ model: model.path, batch: 3, ...place }, places, 'models')
  using call = openCall({ tenant: 't', budgetMs: 60_000 })
  const texts = ['red fox', 'grey mouse', 'Red Fox', 'fox', '狐狸', 'red fox grey mouse red fox']
  const vectors = await embedder.embed(texts, 'passage', call)
  assert.equal(embedder.id, 'tiny')
  assert.equal(vectors.length, texts.length)
  const cosine = (a = 0, b = 0): number =>
    (vectors[a] ?? new Float32Array()).reduce((sum, value, index) => sum + value * (vectors[b]?.[index] ?? NaN), 0)
  for (const [index, vector] of vectors.entries()) {
    assert.equal(vector.length, tinyDimension)
    assert.ok(Math.abs(cosine(index, index) - 1) < 1e-5)
  }
  assert.ok(Math.abs(cosine(0, 2) - 1) < 1e-5)
  assert.ok(cosine(0, 3) > cosine(0, 1))
  assert.deepEqual(await embedder.embed([], 'question', call), [])
})

test('a call that is over is not embedded', { skip }, async () => {
  await using model = await tinyModel()
  await using places = createPlaces(pools)
  await using embedder = await LocalEmbedder.open({ model: model.path, ...place }, places, 'models')
  using call = openCall({ tenant: 't', signal: AbortSignal.abort() })
  await assert.rejects(embedder.embed(['red'], 'passage', call), { code: 'cancelled' })
})

test('a damaged model is named when it is opened', { skip }, async () => {
  await using model = await tinyModel()
  await rm(join(model.path, 'onnx', 'model.onnx'))
  await using places = createPlaces(pools)
  await assert.rejects(LocalEmbedder.open({ model: model.path, ...place }, places, 'models'), {
    code: 'not-found',
    message: /onnx\/model\.onnx/,
  })
})
