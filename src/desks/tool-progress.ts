// What a call says of how far it is: as often as somebody can look, however often it says so.

/** Words that are passed on as they come; then one in so many milliseconds. */
const freely = 20
const everyMs = 100
/** Characters of a word. */
const longest = 1_000

/** The progress of one call. */
export class Progress {
  #count = 0
  #toldAt = -Infinity

  /** What is told of it; undefined for a word too many, and for what is none. */
  admitted(done: unknown): number | string | undefined {
    if (typeof done !== 'string' && !(typeof done === 'number' && Number.isFinite(done))) return undefined
    const now = performance.now()
    if (this.#count >= freely && now < this.#toldAt + everyMs) return undefined
    this.#count++
    this.#toldAt = now
    return typeof done === 'string' ? done.slice(0, longest).toWellFormed() : done
  }
}
