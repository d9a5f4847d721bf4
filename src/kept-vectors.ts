// An embedder that is asked once for a text: its vectors are kept by model and text, here and wherever else the cache's
// second level is.

import { cachedBatch, type CachedBatch } from './cache/cached-batch.ts'
import { float32, type Codec } from './cache/codecs.ts'
import type { Duration } from './cache/duration.ts'
import type { Level } from './cache/level.ts'
import { AndonError } from './core/errors.ts'
import type { Call } from './core/station.ts'
import type { Embedder, EmbeddingKind } from './models/model.ts'

export interface KeptVectorsOptions {
  /** Where they are kept besides this process's memory. */
  readonly level: Level
  /** Whether other processes have that level too. */
  readonly shared: boolean
  /** How long one is kept. */
  readonly ttl: Duration
}

/** An embedder, and what it remembers. */
export interface KeptVectors {
  readonly embedder: Embedder
  readonly cache: CachedBatch<string, [kind: EmbeddingKind, call: Call], Float32Array>
}

/** Vectors in this process's memory: questions that are asked again at once; passages are read once and come from the level. */
const memoryBytes = 16 * 2 ** 20

/**
 * Asks an embedder only for texts whose vectors are not kept. The key is the embedder's id (model, dimensions and
 * prefixes; not the address, as in the index: the same model on another machine makes the same vectors), the side of the
 * search and the text. Tenants share none: passages are embedded for all at once by the house itself, a question's vector
 * is its tenant's, so that nobody learns from the time it takes what another has asked.
 */
export function keepVectors(embedder: Embedder, { level, shared, ttl }: KeptVectorsOptions): KeptVectors {
  const codec = new Vectors()
  const embed = async (texts: readonly string[], kind: EmbeddingKind, call: Call): Promise<Float32Array[]> => {
    const vectors = await embedder.embed([...texts], kind, call)
    codec.dimensions = vectors[0]?.length ?? codec.dimensions
    return vectors
  }
  const cache = cachedBatch(embed, {
    name: 'embeddings',
    version: embedder.id,
    key: (text, kind) => [kind, text],
    scope: (_text, _kind, call) => call.tenant,
    ttl,
    l1: { maxBytes: memoryBytes },
    l2: level,
    codec,
    flight: { across: shared ? 'cluster' : 'process' },
  })
  return {
    cache,
    embedder: {
      id: embedder.id,
      async embed(texts, kind, call) {
        const vectors = await cache(texts, kind, call)
        const odd = texts.filter((_, at) => vectors[at]?.length !== codec.dimensions)
        if (odd.length === 0) return vectors
        // Some were kept before another model took the name.
        await Promise.allSettled(odd.map((text) => cache.forget(text, kind, call)))
        return cache(texts, kind, call)
      },
    },
  }
}

/** Vectors as long as the embedder's: others are no values of this cache. */
class Vectors implements Codec<Float32Array> {
  readonly #bytes = float32()
  readonly id = this.#bytes.id
  readonly compressible = this.#bytes.compressible
  /** As the embedder last made one; until it has, as long as the first that was kept. */
  dimensions: number | undefined

  encode(vector: Float32Array): Uint8Array {
    return this.#bytes.encode(vector)
  }

  decode(kept: Buffer): Float32Array {
    const vector = this.#bytes.decode(kept)
    this.dimensions ??= vector.length
    if (vector.length === this.dimensions) return vector
    throw new AndonError(
      'invalid',
      `A kept vector has ${vector.length} numbers: the embedder's have ${this.dimensions}`,
    )
  }
}
