// Keeps blobs from being deleted while somebody is about to use them: a backup that copies them, or a document whose
// bytes are on disk and whose row is not there yet.

/** How long bytes may wait for their document, in milliseconds: whoever put them has failed by then. */
const longestWaitMs = 600_000

export class BlobKeeper {
  #backups = 0
  #free = Promise.resolve()
  #release: () => void = () => {}
  /** For each blob that was put for a document: until when (monotonic ms) it is kept, per document. */
  readonly #arriving = new Map<string, number[]>()
  readonly #removals = new Map<string, Promise<boolean>>()

  /** No blob is deleted while `body` runs. */
  async during<Result>(body: () => Promise<Result>): Promise<Result> {
    if (this.#backups++ === 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#free = promise
      this.#release = resolve
    }
    try {
      return await body()
    } finally {
      if (--this.#backups === 0) this.#release()
    }
  }

  /** A document is on its way to this blob. Resolves once no removal of the blob is under way any more. */
  async arrive(hash: string): Promise<void> {
    const until = this.#arriving.get(hash) ?? []
    this.#arriving.set(hash, [...until, performance.now() + longestWaitMs])
    await this.#removals.get(hash)?.catch(() => {})
  }

  /** The document is there: from now on its row keeps the blob. */
  arrived(hash: string): void {
    const [, ...others] = this.#arriving.get(hash) ?? []
    if (others.length === 0) this.#arriving.delete(hash)
    else this.#arriving.set(hash, others)
  }

  /** Carries out a removal once no backup needs the blob; false, without trying, when a document is on its way to it. */
  async remove(hash: string, removal: () => Promise<boolean>): Promise<boolean> {
    while (this.#backups > 0) await this.#free
    if (this.#isAwaited(hash)) return false
    const removing = removal()
    this.#removals.set(hash, removing)
    try {
      return await removing
    } finally {
      if (this.#removals.get(hash) === removing) this.#removals.delete(hash)
    }
  }

  #isAwaited(hash: string): boolean {
    const now = performance.now()
    const left = (this.#arriving.get(hash) ?? []).filter((until) => until > now)
    if (left.length === 0) this.#arriving.delete(hash)
    else this.#arriving.set(hash, left)
    return left.length > 0
  }
}
