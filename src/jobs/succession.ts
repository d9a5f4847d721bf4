// When another embedder is configured, its vectors are made beside the old ones. Until they are whole the old embedder
// answers, when it still can; then the new one takes over, and the old vectors are forgotten.

import { announceTrouble } from '../core/channels.ts'
import type { Embedder } from '../models/model.ts'
import type { Generations, Library } from '../stores/store.ts'
import { Embedding } from './embedding.ts'

export interface SuccessionOptions {
  library: Library
  generations: Pick<Generations, 'generationStatus' | 'keepGeneration'>
  embedder: Embedder
  /** Opens the embedder of an older generation, or nothing when that cannot be. */
  reopen: (generation: string) => Promise<(Embedder & Partial<AsyncDisposable>) | undefined>
}

export class Succession implements AsyncDisposable {
  readonly #options: SuccessionOptions
  readonly #opened: AsyncDisposableStack
  readonly embedding: Embedding
  /** What embeds questions now; undefined while only words can be searched. */
  current: Embedder | undefined

  private constructor(options: SuccessionOptions, current: Embedder | undefined, opened: AsyncDisposableStack) {
    this.#options = options
    this.#opened = opened
    this.current = current
    const { library, embedder } = options
    this.embedding = opened.use(
      new Embedding({
        library,
        embedder,
        onComplete: () => this.#takeOver(),
        onError: (error) => announceTrouble('embedding', error),
      }),
    )
  }

  static async begin(options: SuccessionOptions): Promise<Succession> {
    const opened = new AsyncDisposableStack()
    const { embedders } = await options.generations.generationStatus()
    const own = embedders.find(({ generation }) => generation === options.embedder.id)
    // The one with the most vectors answered before.
    const older = embedders
      .filter(({ generation, vectors }) => generation !== options.embedder.id && vectors > 0)
      .sort((one, other) => other.vectors - one.vectors)[0]
    const whole = own !== undefined && own.vectors >= own.passages
    if (!older || whole) return new Succession(options, options.embedder, opened)
    const former = await options.reopen(older.generation)
    if (former?.[Symbol.asyncDispose]) opened.defer(async () => former[Symbol.asyncDispose]?.())
    return new Succession(options, former, opened)
  }

  async #takeOver(): Promise<void> {
    if (this.current === this.#options.embedder) return
    this.current = this.#options.embedder
    await this.#options.generations.keepGeneration(this.#options.embedder.id)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync()
  }
}
