// Vectors are made behind the loading, and one text that no embedder takes is in nobody's way.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AndonError } from '../core/errors.ts'
import type { Library } from '../stores/store.ts'
import { Embedding } from './embedding.ts'

/** A library of passages, by row; those with a vector are out of the way. */
class Passages {
  readonly vectors = new Map<number, Float32Array>()
  readonly library: Library

  constructor(texts: string[]) {
    this.library = {
      withoutVectors: async (_generation, limit) =>
        texts
          .map((text, rowId) => ({ tenant: 'ours', rowId, text }))
          .filter(({ rowId }) => !this.vectors.has(rowId))
          .slice(0, limit),
      putVectors: async (_generation, vectors) => {
        for (const { rowId, vector } of vectors) this.vectors.set(rowId, vector)
      },
    } as Partial<Library> as Library
  }
}

const refusal = new AndonError('invalid', 'This text is not taken')

/** An embedder that refuses requests with certain texts. */
function embedderWithout(isRefused: (text: string) => boolean) {
  return {
    id: 'picky',
    async embed(texts: string[]): Promise<Float32Array[]> {
      if (texts.some(isRefused)) throw refusal
      return texts.map(() => Float32Array.of(1))
    },
  }
}

test('texts that the embedder refuses keep no others from their vectors', async () => {
  const passages = new Passages(Array.from({ length: 40 }, (_, at) => (at % 13 === 0 ? 'refused' : 'taken')))
  const complete = Promise.withResolvers<void>()
  await using embedding = new Embedding({
    library: passages.library,
    embedder: embedderWithout((text) => text === 'refused'),
    batch: 8,
    onComplete: complete.resolve,
  })
  await complete.promise
  assert.equal(passages.vectors.size, 36)
  assert.equal(embedding.refused, 4)
})

test('an embedder that takes no text at all is in trouble, and no text is given up for it', async () => {
  const passages = new Passages(['one', 'two', 'three'])
  const failed = Promise.withResolvers<AndonError>()
  await using embedding = new Embedding({
    library: passages.library,
    embedder: embedderWithout(() => true),
    onError: failed.resolve,
  })
  assert.equal(await failed.promise, refusal)
  assert.equal(embedding.trouble, refusal)
  assert.equal(embedding.refused, 0)
})
