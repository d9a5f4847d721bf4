// Tiny models with random weights make vectors and scores in child processes, and files that are no such models are
// named. Skipped by name where node-llama-cpp is not installed.

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { bertDimension } from '../../../test/models/gguf.ts'
import { besideAndon, engine, poolOf, skip, tinyModels } from '../../../test/models/llama.ts'
import { openCall } from '../../core/call.ts'
import { createPlaces } from '../../places/places.ts'
import { LlamaChat } from './chat.ts'
import { LlamaEmbedder } from './embedder.ts'
import { binaries, loadPeer } from './peer.ts'
import { LlamaReranker } from './reranker.ts'

test(
  'without the package, the message says how to install it',
  { skip: besideAndon && 'it is installed beside Andon' },
  async () => {
    await assert.rejects(loadPeer(), {
      code: 'unavailable',
      message: /npm install --omit=optional node-llama-cpp@3\.22\.1 @node-llama-cpp\/\S+@3\.22\.1/,
    })
  },
)

test('each machine has binaries of its own', () => {
  assert.deepEqual(
    [
      binaries('linux', 'x64'),
      binaries('linux', 'arm64'),
      binaries('linux', 'arm'),
      binaries('darwin', 'arm64'),
      binaries('darwin', 'x64'),
      binaries('win32', 'x64'),
    ],
    ['linux-x64', 'linux-arm64', 'linux-armv7l', 'mac-arm64-metal', 'mac-x64', 'win-x64'].map(
      (name) => `@node-llama-cpp/${name}`,
    ),
  )
})

describe('models of texts', { skip }, () => {
  test('the same text has the same vector of length 1, and a reranker scores every text', async () => {
    await using models = await tinyModels()
    const options = { path: models.embedder, ...engine }
    await using places = createPlaces({ embedder: poolOf(options), reranker: poolOf(options) })
    await using stack = new AsyncDisposableStack()
    using call = openCall({ tenant: 't', budgetMs: 60_000 })

    const opening = LlamaEmbedder.open({ ...options, prefixes: { question: 'q ' } }, places, 'embedder')
    const reranker = stack.use(await LlamaReranker.open({ ...options, path: models.reranker }, places, 'reranker'))
    const embedder = stack.use(await opening)
    assert.match(embedder.id, /^tiny-embedder\+[0-9a-f]{8}$/)

    const texts = ['red fox', 'grey mouse', 'red fox', 'longer than it reads '.repeat(200)]
    const vectors = await embedder.embed(texts, 'passage', call)
    assert.deepEqual(
      vectors.map(({ length }) => length),
      texts.map(() => bertDimension),
    )
    for (const vector of vectors) assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-5)
    assert.deepEqual(vectors[2], vectors[0])
    assert.notDeepEqual(vectors[1], vectors[0])
    assert.notDeepEqual(await embedder.embed(['red fox'], 'question', call), [vectors[0]])
    assert.deepEqual(await embedder.embed([], 'passage', call), [])

    const scores = await reranker.rerank('red fox', texts, call)
    assert.equal(scores.length, texts.length)
    assert.ok(scores.every((score) => score > 0 && score < 1))
    assert.equal(scores[2], scores[0])
    assert.notEqual(scores[1], scores[0])
    assert.deepEqual(await reranker.rerank('red fox', [], call), [])

    using over = openCall({ tenant: 't', signal: AbortSignal.abort() })
    await assert.rejects(embedder.embed(['red'], 'passage', over), { code: 'cancelled' })
    await assert.rejects(reranker.rerank('red', ['fox'], over), { code: 'cancelled' })
  })

  test('a file that is no model, half of one, or a model of another kind is named', async () => {
    await using models = await tinyModels()
    const file = (name: string): string => join(models.folder, name)
    await writeFile(file('notes.gguf'), 'These are notes.')
    await writeFile(file('half.gguf'), (await readFile(models.chat)).subarray(0, 200_000))
    const options = { path: models.embedder, ...engine }
    await using places = createPlaces({ models: poolOf({ ...options, sequences: 8 }) })
    // It stays while the others are refused beside it, in the same process.
    await using embedder = await LlamaEmbedder.open(options, places, 'models')
    const refused = async (
      kind: { open(options: { path: string }, ...where: [typeof places, string]): Promise<unknown> },
      path: string,
      error: { code: string; message: RegExp },
    ): Promise<void> => assert.rejects(kind.open({ ...engine, path }, places, 'models'), error)

    await refused(LlamaChat, file('none.gguf'), { code: 'not-found', message: /none\.gguf.*downloads no models/ })
    await refused(LlamaChat, models.folder, { code: 'invalid', message: /is no GGUF model/ })
    await refused(LlamaChat, file('notes.gguf'), { code: 'invalid', message: /notes\.gguf is no GGUF model/ })
    await refused(LlamaChat, file('half.gguf'), { code: 'unavailable', message: /half\.gguf cannot be loaded/ })
    await refused(LlamaChat, models.embedder, { code: 'invalid', message: /writes nothing/ })
    await refused(LlamaEmbedder, models.reranker, { code: 'invalid', message: /makes no vectors/ })
    await refused(LlamaReranker, models.embedder, { code: 'invalid', message: /does not score texts/ })

    using call = openCall({ tenant: 't', budgetMs: 60_000 })
    assert.equal((await embedder.embed(['fox'], 'passage', call)).length, 1)
  })
})
