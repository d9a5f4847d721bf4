// Vectors from Text Embeddings Inference in its own words: POST /embed gives one array of numbers for each input.

import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import type { EmbedderOptions } from './embedding-options.ts'
import { EmbeddingServer } from './embedding-server.ts'
import { timeouts } from './timeouts.ts'
import { readVector } from './vectors.ts'
import { Watchdog } from './watchdog.ts'

export class TeiEmbedder extends EmbeddingServer {
  constructor(options: EmbedderOptions) {
    // What the server takes unless it was started with another --max-client-batch-size.
    super(options, { batch: 32 })
  }

  protected override async batch(texts: string[], call: Call): Promise<Float32Array[]> {
    using watch = new Watchdog(call)
    const { who } = this.endpoint
    const { timeoutMs = timeouts.embed } = this.options
    watch.expectBy(performance.now() + timeoutMs, `${who} did not answer within ${timeoutMs / 1_000} s.`)
    const answer = await this.endpoint.json('/embed', { inputs: texts, normalize: true, truncate: true }, watch)
    const vectors = Array.isArray(answer) ? answer.map(readVector) : []
    const whole = vectors.filter((vector) => vector !== undefined)
    if (whole.length !== texts.length)
      throw new AndonError('unavailable', `${who} did not give one vector for each of ${texts.length} texts.`, {
        detail: { retry: false },
      })
    return this.guard.checked(whole)
  }
}
